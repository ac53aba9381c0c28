import { Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "@/ui/Card";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { ArchiveForm } from "./ArchiveForm";
import { FilesForm } from "./FilesForm";
import classes from "./ImportPage.module.css";
import { EXAMPLES, isArchive, KINDS, type Kind } from "./kinds";

export interface NewImportProps {
  slug: string;
  /** An import is on the server: show it. */
  onStarted: (id: number) => void;
}

/** What there is to bring in, what it needs to be, and the form that sends it. */
export function NewImport({ slug, onStarted }: NewImportProps) {
  const { t } = useTranslation("imports");
  const [kind, setKind] = useState<Kind>("zip");
  return (
    <Card title={t("new.title")} hint={t("new.hint")}>
      <Stack gap="lg">
        <ChoiceCards
          legend={t("kind.legend")}
          value={kind}
          choices={KINDS.map((value) => ({
            value,
            title: t(`kind.${value}.name`),
            hint: t(`kind.${value}.hint`),
          }))}
          onChange={setKind}
        />
        <Needs kind={kind} />
        {isArchive(kind) ? (
          <ArchiveForm key={kind} slug={slug} kind={kind} onStarted={onStarted} />
        ) : (
          <FilesForm key={kind} slug={slug} byFolder={kind === "folders"} onStarted={onStarted} />
        )}
      </Stack>
    </Card>
  );
}

/** What a kind needs, said plainly, with an example beside it. */
export function Needs({ kind }: { kind: Kind }) {
  const { t } = useTranslation("imports");
  const example = EXAMPLES[kind];
  return (
    <div className={classes.needs}>
      <div>
        <h3 className={classes.needsTitle}>{t("kind.needs")}</h3>
        <p className={classes.needsText}>{t(`kind.${kind}.needs`)}</p>
      </div>
      {example ? <pre className={classes.example}>{example}</pre> : null}
    </div>
  );
}
