import { NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { LabelUse } from "@/api/types";

export const LABEL_USES = ["none", "gold", "prior", "hidden"] as const satisfies readonly LabelUse[];

export interface LabelUseFieldsProps {
  use: LabelUse;
  source: string;
  onUse: (use: LabelUse) => void;
  onSource: (source: string) => void;
}

/** What the labels that come with the photos are worth, and whose they are. */
export function LabelUseFields({ use, source, onUse, onSource }: LabelUseFieldsProps) {
  const { t } = useTranslation("imports");
  return (
    <>
      <NativeSelect
        label={t("use.label")}
        description={t(`use.hint.${use}`)}
        inputWrapperOrder={["label", "input", "description"]}
        value={use}
        data={LABEL_USES.map((value) => ({ value, label: t(`use.${value}`) }))}
        onChange={(event) => {
          const picked = LABEL_USES.find((value) => value === event.currentTarget.value);
          if (picked) onUse(picked);
        }}
      />
      {use === "prior" ? (
        <TextInput
          label={t("source.label")}
          inputWrapperOrder={["label", "input", "description"]}
          description={t("source.hint")}
          value={source}
          onChange={(event) => onSource(event.currentTarget.value)}
        />
      ) : null}
    </>
  );
}
