import { Drawer, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe, useProject } from "@/api/project";
import type { Project, User } from "@/api/types";
import { ActionBar } from "./ActionBar";
import { AttentionList } from "./AttentionList";
import { Filmstrip } from "./Filmstrip";
import { KeysDialog } from "./KeysDialog";
import { LiveRegion } from "./LiveRegion";
import { PhotoView } from "./PhotoView";
import classes from "./ReviewPage.module.css";
import { SidePanel } from "./SidePanel";
import { StatusBar } from "./StatusBar";
import { BenchContext, useNewBench } from "./useBench";

/** The bench: one photo after another, one key each. */
export function ReviewPage({ slug }: { slug: string }) {
  const project = useProject(slug);
  const user = useMe();
  return user ? <BenchOf key={`${user.id}/${slug}`} user={user} project={project} /> : null;
}

function BenchOf({ user, project }: { user: User; project: Project }) {
  const { t } = useTranslation("review");
  const bench = useNewBench(user, project);
  const scene = useMemo(() => (bench ? { bench, project } : null), [bench, project]);
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const [open, setOpen] = useState<"help" | "details" | "attention" | null>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const close = () => setOpen(null);

  useEffect(() => {
    if (!bench) return;
    bench.page = {
      openHelp: () => setOpen("help"),
      focusNote: () => {
        if (isPhone) setOpen("details");
        else note.current?.focus();
      },
    };
  }, [bench, isPhone]);

  if (!scene) return <Skeleton className={classes.bench} radius={0} />;
  return (
    <BenchContext.Provider value={scene}>
      <section className={classes.bench} aria-label={t("title")}>
        <StatusBar
          isPhone={isPhone}
          onHelp={() => setOpen("help")}
          onDetails={() => setOpen("details")}
          onAttention={() => setOpen("attention")}
        />
        <div className={classes.middle}>
          <div className={classes.dark}>
            <PhotoView />
            {isPhone ? null : <Filmstrip />}
          </div>
          {isPhone ? null : (
            <aside className={classes.panel} aria-label={t("action.details")}>
              <SidePanel noteRef={note} />
            </aside>
          )}
        </div>
        <ActionBar isPhone={isPhone} />
        <LiveRegion />
      </section>
      <Drawer
        lockScroll={false}
        opened={isPhone && open === "details"}
        onClose={close}
        position="bottom"
        size="80%"
        title={t("action.details")}
        closeButtonProps={{ "aria-label": t("keys.close") }}
      >
        <SidePanel noteRef={note} />
      </Drawer>
      <AttentionList opened={open === "attention"} onClose={close} />
      <KeysDialog user={user} opened={open === "help"} onClose={close} />
    </BenchContext.Provider>
  );
}
