import { Alert, Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { describeError } from "@/ui/Problem";

/** What stands below the fields of a card that is saved by itself: the server's refusal, discard, save. */
export function CardFoot(props: {
  error: Error | null;
  isDirty: boolean;
  isFaulty: boolean;
  isSaving: boolean;
  onDiscard: () => void;
}) {
  const { t } = useTranslation("settings");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  return (
    <>
      {props.error ? (
        <Alert role="alert" color="clay">
          {describeError(props.error, tErrors)}
        </Alert>
      ) : null}
      <Group justify="flex-end" gap="xs">
        {props.isDirty ? (
          <Button variant="default" onClick={props.onDiscard}>
            {t("unsaved.discard")}
          </Button>
        ) : null}
        <Button type="submit" disabled={!props.isDirty || props.isFaulty} loading={props.isSaving}>
          {tCommon("save")}
        </Button>
      </Group>
    </>
  );
}
