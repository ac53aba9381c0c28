import { ActionIcon, Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Stage } from "@/api/types";
import { Icon } from "@/ui/Icon";
import classes from "./Examples.module.css";
import { Picker } from "./Picker";
import { examplesOf, moved } from "./references";
import { useReferences } from "./useReferences";

interface ExamplesProps {
  slug: string;
  stage: Stage;
  /** Id of the stage at the other side of a boundary; null for the stage's own examples. */
  beside: number | null;
  mayEdit: boolean;
  /** What they are examples of, in words. */
  label: string;
}

/** Example photos in order; an adjudicator adds, moves and removes them. */
export function Examples({ slug, stage, beside, mayEdit, label }: ExamplesProps) {
  const { t } = useTranslation("atlas");
  const [isPicking, setIsPicking] = useState(false);
  const save = useReferences(slug, stage.id, beside);
  const photos = examplesOf(stage, beside);
  const ids = photos.map((photo) => photo.photo_id);
  return (
    <>
      {photos.length === 0 ? <p className={classes.none}>{mayEdit ? t("noneEdit") : t("none")}</p> : null}
      <ul className={classes.list} aria-label={label}>
        {photos.map((photo, index) => (
          <li key={photo.photo_id} className={classes.item}>
            <a
              href={photo.view_url}
              target="_blank"
              rel="noreferrer"
              aria-label={t("open", { n: index + 1, label })}
            >
              <img
                className={classes.photo}
                src={photo.view_url}
                alt=""
                loading="lazy"
                width={320}
                height={240}
              />
            </a>
            {mayEdit ? (
              <div className={classes.tools}>
                <Tool
                  icon="chevron"
                  turned
                  label={t("sooner", { n: index + 1 })}
                  disabled={index === 0 || save.isPending}
                  onClick={() => save.mutate(moved(ids, photo.photo_id, -1))}
                />
                <Tool
                  icon="chevron"
                  label={t("later", { n: index + 1 })}
                  disabled={index === ids.length - 1 || save.isPending}
                  onClick={() => save.mutate(moved(ids, photo.photo_id, 1))}
                />
                <Tool
                  icon="trash"
                  label={t("remove", { n: index + 1 })}
                  disabled={save.isPending}
                  onClick={() => save.mutate(ids.filter((id) => id !== photo.photo_id))}
                />
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      {mayEdit ? (
        <>
          <Button
            className={classes.add}
            variant="default"
            size="xs"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => setIsPicking(true)}
          >
            {t("add")}
          </Button>
          <Picker
            opened={isPicking}
            slug={slug}
            stage={stage}
            beside={beside}
            chosen={ids}
            title={label}
            onClose={() => setIsPicking(false)}
          />
        </>
      ) : null}
    </>
  );
}

interface ToolProps {
  icon: "chevron" | "trash";
  label: string;
  disabled: boolean;
  turned?: boolean;
  onClick: () => void;
}

function Tool({ icon, label, disabled, turned = false, onClick }: ToolProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="md"
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <span className={turned ? classes.turned : undefined}>
        <Icon name={icon} size={16} />
      </span>
    </ActionIcon>
  );
}
