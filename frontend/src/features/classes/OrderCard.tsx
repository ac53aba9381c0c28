import { ActionIcon, Button, VisuallyHidden } from "@mantine/core";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project } from "@/api/types";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { Icon } from "@/ui/Icon";
import { StageChip } from "@/ui/StageChip";
import { DraftForm } from "./DraftForm";
import { movedBy, movedPlaces, orderedStages } from "./draft";
import classes from "./OrderCard.module.css";

/** The stages in another order: moved by buttons, seen as they would be, and saved as a draft. */
export function OrderCard({ project }: { project: Project }) {
  const { t } = useTranslation("classes");
  const [order, setOrder] = useState<number[] | null>(null);
  const isChanged = order?.some((position, place) => position !== place) ?? false;
  return (
    <Card title={t("order.title")} hint={t("order.hint")}>
      {order === null ? (
        <Button
          variant="default"
          onClick={() => setOrder(project.scale.stages.map((stage) => stage.position))}
        >
          {t("order.change")}
        </Button>
      ) : (
        <>
          <OrderList project={project} order={order} onOrder={setOrder} />
          {isChanged ? (
            <DraftForm
              slug={project.slug}
              stages={orderedStages(order)}
              kind=""
              onClose={() => setOrder(null)}
            />
          ) : (
            <div className={classes.same}>
              <span>{t("order.same")}</span>
              <Button variant="subtle" onClick={() => setOrder(null)}>
                {t("draft.cancel")}
              </Button>
            </div>
          )}
        </>
      )}
    </Card>
  );
}

interface OrderListProps {
  project: Project;
  order: readonly number[];
  onOrder: (order: number[]) => void;
}

function OrderList({ project, order, onOrder }: OrderListProps) {
  const { t, i18n } = useTranslation("classes");
  const list = useRef<HTMLOListElement>(null);
  const [last, setLast] = useState<{ position: number; by: -1 | 1 } | null>(null);
  const { stages } = project.scale;
  const moved = movedPlaces(order.map((position) => [position]));
  const nameAt = (position: number) => {
    const stage = stageAt(stages, position);
    return stage ? stageName(stage, i18n.language) : "";
  };
  // A row that is put elsewhere loses the focus: whoever moves by keyboard goes on with the same button.
  useLayoutEffect(() => {
    if (last) list.current?.querySelector<HTMLElement>(`[data-move="${last.position} ${last.by}"]`)?.focus();
  }, [last]);
  const move = (place: number, by: -1 | 1) => {
    const position = order[place];
    if (position === undefined || order[place + by] === undefined) return;
    onOrder(movedBy(order, place, by));
    setLast({ position, by });
  };
  return (
    <>
      <ol ref={list} className={classes.list} aria-label={t("order.list")}>
        {order.map((position, place) => {
          const stage = stageAt(stages, position);
          if (!stage) return null;
          const name = stageName(stage, i18n.language);
          // As it would be: place, key and colour of a stage follow the order.
          const shown = { ...stage, position: place, hotkey: "", color: "" };
          return (
            <li key={stage.id} data-moved={moved.has(place) || undefined}>
              <span className={classes.stage}>
                <StageChip stage={shown} count={stages.length} />
                {place === position ? null : (
                  <span className={classes.was}>{t("order.was", { n: position + 1 })}</span>
                )}
              </span>
              {([-1, 1] as const).map((by) => (
                <ActionIcon
                  key={by}
                  size={44}
                  data-move={`${position} ${by}`}
                  // Stays focusable at the ends, where a disabled one would throw the focus away.
                  aria-disabled={order[place + by] === undefined}
                  aria-label={t(by < 0 ? "order.up" : "order.down", { stage: name })}
                  onClick={() => move(place, by)}
                >
                  <Icon name={by < 0 ? "up" : "down"} size={18} />
                </ActionIcon>
              ))}
            </li>
          );
        })}
      </ol>
      <VisuallyHidden role="status">
        {last
          ? t("order.place", {
              stage: nameAt(last.position),
              place: order.indexOf(last.position) + 1,
              count: stages.length,
            })
          : ""}
      </VisuallyHidden>
    </>
  );
}
