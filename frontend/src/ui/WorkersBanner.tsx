import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { LearningStatus } from "@/api/types";
import { Command } from "./Command";
import { Icon } from "./Icon";

/** Tells that no worker listens to a queue, and how to start one: work would wait for ever otherwise. */
export function WorkersBanner({ workers }: { workers: LearningStatus["workers"] }) {
  const { t } = useTranslation("training");
  const deaf = workers.filter((worker) => !worker.alive).map((worker) => worker.queue);
  if (deaf.length === 0) return null;
  return (
    <Alert color="amber" icon={<Icon name="warning" />} title={t("workers.title")} role="status">
      <p>{t("workers.body", { queues: deaf.join(", ") })}</p>
      <Command text="make run" />
      <p>{t("workers.elsewhere")}</p>
      {deaf.map((queue) => (
        <Command key={queue} text={`celery -A config.celery worker -Q ${queue} --concurrency 1`} />
      ))}
    </Alert>
  );
}
