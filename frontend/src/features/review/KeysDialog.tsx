import { Button, Modal, Switch, UnstyledButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Session, Stage, User } from "@/api/types";
import {
  ACTION_GROUPS,
  type Action,
  type ActionGroup,
  type BenchSettings,
  benchSettings,
  DEFAULT_KEYS,
  GROUPS,
  withBenchSettings,
} from "@/lib/benchKeys";
import { keyCap } from "@/lib/hotkeys";
import { Kbd } from "@/ui/Kbd";
import classes from "./KeysDialog.module.css";
import { chooseKey, isModifier, type KeyRefusal, shadowedBy } from "./keyChoice";
import { useScene } from "./useBench";
import { useWords } from "./words";

interface KeysDialogProps {
  user: User;
  opened: boolean;
  onClose: () => void;
}

type Refusal = KeyRefusal<Stage> | { why: "failed" };

/** Every key of the bench; a click on one changes it, and all can be switched off. */
export function KeysDialog({ user, opened, onClose }: KeysDialogProps) {
  const { project } = useScene();
  const { t } = useWords();
  const [recording, setRecording] = useState<Action | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const settings = benchSettings(user.preferences);
  const save = useSaved(user, () => setRefusal({ why: "failed" }));
  const change = (part: Partial<BenchSettings>) => {
    setRefusal(null);
    void save({ ...settings, ...part });
  };

  const record = (event: KeyboardEvent) => {
    // Tab still leaves: whoever came by keyboard must not be caught here.
    if (!recording || isModifier(event) || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    setRecording(null);
    if (event.key === "Escape" && recording !== "cancel") return;
    const choice = chooseKey(event.nativeEvent, recording, settings.keys, project.scale.stages);
    if ("why" in choice) setRefusal(choice);
    else change({ keys: { ...settings.keys, [recording]: [choice.key] } });
  };

  return (
    <Modal
      lockScroll={false}
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      size="xl"
      closeOnEscape={recording === null}
      closeButtonProps={{ "aria-label": t("keys.close") }}
    >
      <div onKeyDownCapture={record}>
        <p className={classes.intro}>{t("keys.intro")}</p>
        <div className={classes.switches}>
          <Switch
            checked={settings.isOn}
            onChange={(event) => change({ isOn: event.currentTarget.checked })}
            label={t("keys.on")}
            description={t("keys.onHint")}
          />
          <Switch
            checked={settings.asksPairs}
            onChange={(event) => change({ asksPairs: event.currentTarget.checked })}
            label={t("keys.pairs")}
            description={t("keys.pairsHint")}
          />
        </div>
        <div className={classes.groups}>
          {GROUPS.map((group) => (
            <Group
              key={group}
              group={group}
              keys={settings.keys}
              recording={recording}
              onRecord={(action) => {
                setRefusal(null);
                setRecording(action);
              }}
            />
          ))}
        </div>
        <p className={classes.intro}>{t("keys.mouse")}</p>
        <div className={classes.end}>
          <Refused refusal={refusal} />
          <Button variant="default" onClick={() => change({ keys: DEFAULT_KEYS })}>
            {t("keys.reset")}
          </Button>
          <Button onClick={onClose}>{t("keys.close")}</Button>
        </div>
      </div>
    </Modal>
  );
}

/** Saves the settings of this person; the bench obeys at once, whatever becomes of the request. */
function useSaved(user: User, onFailed: () => void): (next: BenchSettings) => Promise<void> {
  const { bench } = useScene();
  const client = useQueryClient();
  return async (next) => {
    bench.settings = next;
    try {
      const preferences = withBenchSettings(user.preferences, next);
      const session = await api.patch<Session>("/session", { preferences });
      client.setQueryData(queries.session().queryKey, session);
    } catch {
      onFailed();
    }
  };
}

function Refused({ refusal }: { refusal: Refusal | null }) {
  const { t, nameAt } = useWords();
  let text = "";
  if (refusal?.why === "action") text = t("keys.taken", { action: t(`action.${refusal.action}`) });
  else if (refusal?.why === "stage") text = t("keys.stage", { stage: nameAt(refusal.stage.position) });
  else if (refusal) text = t(`keys.${refusal.why}`);
  return (
    <p className={classes.problem} role="alert">
      {text}
    </p>
  );
}

interface GroupProps {
  group: ActionGroup;
  keys: Record<Action, string[]>;
  recording: Action | null;
  onRecord: (action: Action) => void;
}

function Group({ group, keys, recording, onRecord }: GroupProps) {
  const { t, stages, nameAt } = useWords();
  const shadowed = shadowedBy(keys, stages);
  return (
    <section>
      <h3 className={classes.heading}>{t(`keys.group.${group}`)}</h3>
      <dl className={classes.keys}>
        {group === "decide" ? (
          <div>
            <dt>{t("keys.choose")}</dt>
            <dd className={classes.fixed}>
              <Kbd>1</Kbd>…<Kbd>9</Kbd>
            </dd>
          </div>
        ) : null}
        {ACTION_GROUPS[group].map((action) => {
          const stage = shadowed.get(action);
          return (
            <div key={action}>
              <dt>
                {t(`action.${action}`)}
                {stage ? <small>{t("keys.shadowed", { stage: nameAt(stage.position) })}</small> : null}
              </dt>
              <dd>
                <UnstyledButton
                  className={classes.change}
                  aria-label={t("keys.change", { action: t(`action.${action}`) })}
                  data-recording={recording === action || undefined}
                  onClick={() => onRecord(action)}
                >
                  {recording === action ? t("keys.press") : <Caps keys={keys[action]} />}
                </UnstyledButton>
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function Caps({ keys }: { keys: readonly string[] }) {
  return [...new Set(keys.map(keyCap))].slice(0, 2).map((cap) => <Kbd key={cap}>{cap}</Kbd>);
}
