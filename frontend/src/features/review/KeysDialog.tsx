import { Button, Modal, Switch, UnstyledButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Session, User } from "@/api/types";
import { clashes, keyCap, spellings } from "@/lib/hotkeys";
import { Kbd } from "@/ui/Kbd";
import classes from "./KeysDialog.module.css";
import {
  ACTIONS,
  type Action,
  DEFAULT_KEYS,
  DIGIT_KEYS,
  type KeySettings,
  keySettings,
  withKeySettings,
} from "./keys";
import { useScene } from "./useBench";
import { useWords } from "./words";

interface KeysDialogProps {
  user: User;
  opened: boolean;
  onClose: () => void;
}

/** Every key of the bench; a click on one changes it, and all can be switched off. */
export function KeysDialog({ user, opened, onClose }: KeysDialogProps) {
  const { bench } = useScene();
  const { t } = useWords();
  const client = useQueryClient();
  const [recording, setRecording] = useState<Action | null>(null);
  const [problem, setProblem] = useState<"taken" | "failed" | null>(null);
  const settings = keySettings(user.preferences);

  const save = async (next: KeySettings) => {
    setProblem(null);
    bench.keys = next;
    try {
      const preferences = withKeySettings(user.preferences, next);
      const session = await api.patch<Session>("/session", { preferences });
      client.setQueryData(queries.session().queryKey, session);
    } catch {
      setProblem("failed");
    }
  };

  const record = (event: KeyboardEvent) => {
    if (!recording || ["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    setRecording(null);
    if (event.key === "Escape") return;
    const names = spellings(event.nativeEvent);
    const [code, named] = [names[0], names.at(-1)];
    if (!code || !named) return;
    const keys = { ...settings.keys, [recording]: [named] };
    if (DIGIT_KEYS.includes(code) || clashes(keys).length > 0) setProblem("taken");
    else void save({ ...settings, keys });
  };

  return (
    <Modal
      lockScroll={false}
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      size="lg"
      closeOnEscape={recording === null}
    >
      <div onKeyDownCapture={record}>
        <p className={classes.intro}>{t("keys.intro")}</p>
        <Switch
          checked={settings.isOn}
          onChange={(event) => void save({ ...settings, isOn: event.currentTarget.checked })}
          label={t("keys.on")}
          description={t("keys.onHint")}
        />
        <dl className={classes.keys}>
          <div>
            <dt>{t("keys.digit")}</dt>
            <dd>
              <Kbd>1</Kbd> … <Kbd>9</Kbd>
            </dd>
          </div>
          {ACTIONS.map((action) => (
            <div key={action}>
              <dt>{t(`action.${action}`)}</dt>
              <dd>
                <UnstyledButton
                  className={classes.change}
                  aria-label={t("keys.change", { action: t(`action.${action}`) })}
                  onClick={() => setRecording(action)}
                >
                  {recording === action
                    ? t("keys.press")
                    : [...new Set(settings.keys[action].map(keyCap))]
                        .slice(0, 2)
                        .map((cap) => <Kbd key={cap}>{cap}</Kbd>)}
                </UnstyledButton>
              </dd>
            </div>
          ))}
        </dl>
        <p className={classes.intro}>{t("keys.mouse")}</p>
        {problem ? (
          <p className={classes.problem} role="alert">
            {t(`keys.${problem}`)}
          </p>
        ) : null}
        <div className={classes.end}>
          <Button variant="default" onClick={() => void save({ ...settings, keys: DEFAULT_KEYS })}>
            {t("keys.reset")}
          </Button>
          <Button onClick={onClose}>{t("keys.close")}</Button>
        </div>
      </div>
    </Modal>
  );
}
