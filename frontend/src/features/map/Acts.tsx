import { Button, NativeSelect } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { LotAct, Project } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { stageDigit, stageName } from "@/lib/stages";
import { askToConfirm } from "@/ui/confirm";
import { byOwnStage, MOST } from "./lots";
import classes from "./Selection.module.css";
import type { Act, Lots } from "./useLots";
import type { Scene } from "./useScene";

/** Photos from which an act asks whether it is meant. */
const MANY = 100;

interface ActsProps {
  project: Project;
  scene: Scene;
  lots: Lots;
  /** Position of the stage chosen, or "". */
  stage: string;
  onStage: (stage: string) => void;
}

/** What can be done to the selection; who may not settle sees only the answers of an expert. */
export function Acts({ project, scene, lots, stage, onStage }: ActsProps) {
  const { t, i18n } = useTranslation("map");
  const { t: tCommon } = useTranslation();
  const { selected, ids, columns } = scene;
  const { stages } = project.scale;
  const settles = atLeast(project.role, "adjudicator");
  const own = useMemo(
    () =>
      ids
        ? byOwnStage(selected, ids, columns.get("stage")?.codes, columns.get("suggested")?.codes)
        : new Map<number, number[]>(),
    [selected, ids, columns],
  );
  const nOwn = [...own.values()].reduce((sum, group) => sum + group.length, 0);
  const photoIds = useMemo(
    () => (ids ? Array.from(selected, (row) => ids[row] ?? 0).filter(Boolean) : []),
    [ids, selected],
  );
  const isTooMany = photoIds.length > MOST;
  const isBusy = lots.sending !== null || !ids;

  const ask = (act: LotAct | "confirm", order: Act, isDangerous: boolean) => {
    const n = order.parts.reduce((sum, part) => sum + part.photoIds.length, 0);
    const go = () => {
      lots.apply(order, () => scene.setSelected(selected));
      scene.setSelected(new Uint32Array(0));
    };
    if (!isDangerous && n <= MANY) {
      go();
      return;
    }
    askToConfirm({
      title: t(`ask.${act}.title`, { count: n, n: formatNumber(n, i18n.language) }),
      body: t(`ask.${act}.body`),
      confirm: t(`act.${act}`),
      cancel: tCommon("cancel"),
      isDangerous,
      onConfirm: go,
    });
  };
  const all = (act: LotAct, at: number | null): Act => ({ act, parts: [{ stage: at, photoIds }] });
  const named = stage === "" ? null : Number(stage);

  return (
    <fieldset className={classes.acts} disabled={isBusy || isTooMany}>
      <legend className={classes.live}>{t("act.title")}</legend>
      {isTooMany ? (
        <p className={classes.note} role="alert">
          {t("tooMany", { most: formatNumber(MOST, i18n.language) })}
        </p>
      ) : null}
      <div className={classes.label}>
        <NativeSelect
          aria-label={t("act.stage")}
          value={stage}
          onChange={(event) => onStage(event.currentTarget.value)}
          data={[
            { value: "", label: t("act.choose") },
            ...stages.map((it) => ({
              value: String(it.position),
              label: `${stageDigit(it)} · ${stageName(it, i18n.language)}`,
            })),
          ]}
        />
        <Button disabled={named === null} onClick={() => ask("label", all("label", named), false)}>
          {t("act.label")}
        </Button>
      </div>
      <div className={classes.others}>
        <Button
          variant="default"
          disabled={nOwn === 0}
          title={t("act.confirmHint")}
          onClick={() =>
            ask(
              "confirm",
              { act: "label", parts: [...own].map(([at, group]) => ({ stage: at, photoIds: group })) },
              false,
            )
          }
        >
          {t("act.confirm")}
        </Button>
        {settles ? (
          <>
            <Button variant="default" onClick={() => ask("send_back", all("send_back", null), false)}>
              {t("act.send_back")}
            </Button>
            <Button
              variant="default"
              disabled={named === null}
              title={t("act.goldHint")}
              onClick={() => ask("gold", all("gold", named), true)}
            >
              {t("act.gold")}
            </Button>
            <Button variant="default" color="clay" onClick={() => ask("exclude", all("exclude", null), true)}>
              {t("act.exclude")}
            </Button>
          </>
        ) : null}
      </div>
      <p className={classes.note}>{t(settles ? "act.asAdjudicator" : "act.asExpert")}</p>
    </fieldset>
  );
}
