import { Skeleton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useProject } from "@/api/project";
import { Problem } from "@/ui/Problem";
import { WorkBar } from "@/ui/WorkBar";
import { ZoomPhoto } from "@/ui/ZoomPhoto";
import type { Zoomable } from "@/ui/zoomable";
import { AnswerBar } from "./AnswerBar";
import page from "./PracticePage.module.css";
import classes from "./Retest.module.css";
import { RetestOver } from "./RetestOver";
import { useRetest } from "./useRetest";
import { useSteps } from "./useSteps";

/** One's own earlier photos again, one at a time, blind; how it went is told when the round is over. */
export function RetestPage({ slug }: { slug: string }) {
  const { t } = useTranslation("retest");
  const project = useProject(slug);
  const retest = useRetest(project);
  const zoom = useRef<Zoomable | null>(null);
  const perform = useSteps(project, retest, zoom);
  useEffect(() => {
    document.title = `${t("title")} · Antesis`;
  }, [t]);
  const { asked, question } = retest;
  return (
    <section className={page.page} aria-label={t("title")}>
      <WorkBar slug={slug} back={t("back")} title={t("title")}>
        {asked.data && question ? (
          <p className={page.score} role="status">
            {t("place", { n: asked.data.n_answered + 1, of: asked.data.n_photos })}
          </p>
        ) : null}
      </WorkBar>
      {question ? (
        <>
          <div className={classes.middle}>
            <ZoomPhoto
              key={question.photo_id}
              photo={question}
              alt={t("photo", { id: question.photo_id })}
              zoom={zoom}
            />
            <p className={classes.blind}>{t("blind")}</p>
          </div>
          <AnswerBar project={project} answering={retest} perform={perform} isStraightOn />
        </>
      ) : (
        <div className={classes.over}>
          {asked.isPending ? <Skeleton height={320} width="100%" /> : null}
          {asked.error ? <Problem error={asked.error} onRetry={() => void asked.refetch()} /> : null}
          {asked.data ? <RetestOver project={project} retest={retest} standing={asked.data} /> : null}
        </div>
      )}
    </section>
  );
}
