import { Button, NumberInput, Switch, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Member, PersonInPractice, PracticeOverview } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { Card } from "@/ui/Card";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import classes from "./PracticeCard.module.css";

/** Whether new experts practise first, and what they have to reach. */
export function PracticeCard({ slug, overview }: { slug: string; overview: PracticeOverview }) {
  const { t, i18n } = useTranslation("practice");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const project = useProject(slug);
  const client = useQueryClient();
  const [answers, setAnswers] = useState<number | string>(project.practice_answers);
  const [percent, setPercent] = useState<number | string>(Math.round(project.practice_share * 100));
  const save = useMutation({
    mutationFn: (changes: Record<string, unknown>) => api.patch(`/projects/${slug}`, changes),
    onSuccess: () => notifyDone(tCommon("saved")),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
      await client.invalidateQueries({ queryKey: queries.practicePeople(slug).queryKey });
    },
  });
  const isChanged =
    answers !== project.practice_answers || percent !== Math.round(project.practice_share * 100);
  const isLow = overview.n_known < overview.n_wanted;
  return (
    <Card title={t("people.title")} hint={t("people.hint")}>
      <div className={classes.fields}>
        <Switch
          label={t("people.forNew")}
          checked={project.practice_for_new}
          disabled={save.isPending}
          onChange={(event) => save.mutate({ practice_for_new: event.currentTarget.checked })}
        />
        <NumberInput
          label={t("people.answers")}
          value={answers}
          min={5}
          max={200}
          allowDecimal={false}
          onChange={setAnswers}
        />
        <NumberInput
          label={t("people.share")}
          value={percent}
          min={50}
          max={100}
          allowDecimal={false}
          onChange={setPercent}
        />
        <Button
          variant="default"
          disabled={!isChanged || answers === "" || percent === ""}
          loading={save.isPending}
          onClick={() =>
            save.mutate({ practice_answers: Number(answers), practice_share: Number(percent) / 100 })
          }
        >
          {t("people.save")}
        </Button>
      </div>
      <Text size="sm" c="dimmed" mt="sm">
        {isLow ? t("people.few", { n: overview.n_known, wanted: overview.n_wanted }) : t("people.enough")}{" "}
        {overview.share_wanted < project.practice_share
          ? t("people.rule", { share: formatPercent(overview.share_wanted, i18n.language) })
          : ""}
      </Text>
    </Card>
  );
}

/** Where one expert stands; nothing for those who do not practise. */
export function PracticeState({ person }: { person: PersonInPractice | undefined }) {
  const { t } = useTranslation("practice");
  if (!person) return null;
  const by = person.decided_by ? t("people.by", { who: person.decided_by }) : t("people.byRule");
  return (
    <>
      <Text size="sm">
        {t(`people.state.${person.state}`)}
        {person.state === "counts" ? ` (${by})` : ""}
      </Text>
      {person.n_last > 0 ? (
        <Text size="xs" c="dimmed">
          {t("people.score", { exact: person.n_exact, n: person.n_last })} ·{" "}
          {t("place", { count: person.n_answers })}
        </Text>
      ) : null}
    </>
  );
}

/** Lets an expert pass, or sends them to practise. */
export function usePracticeDecision(slug: string, member: Member) {
  const { t } = useTranslation("errors");
  const client = useQueryClient();
  return useMutation({
    mutationFn: (counts: boolean) =>
      api.put<void>(`/projects/${slug}/members/${member.id}/practice`, { counts }),
    onError: (error) => notifyFailed(describeError(error, t)),
    onSettled: () => client.invalidateQueries({ queryKey: queries.practicePeople(slug).queryKey }),
  });
}
