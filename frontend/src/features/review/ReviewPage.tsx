import { Drawer, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useMe, useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Project, User } from "@/api/types";
import { ActionBar } from "./ActionBar";
import { AttentionList } from "./AttentionList";
import type { BenchPage } from "./bench";
import { Filmstrip } from "./Filmstrip";
import { KeysDialog } from "./KeysDialog";
import { Lightbox } from "./Lightbox";
import { LiveRegion } from "./LiveRegion";
import { PhotoView } from "./PhotoView";
import { ReferencePane } from "./ReferencePane";
import classes from "./ReviewPage.module.css";
import { type Goal, SidePanel } from "./SidePanel";
import { StatusBar } from "./StatusBar";
import { BenchContext, useNewBench, usePanels, useScene } from "./useBench";
import { useWords } from "./words";

/** The bench: one photo after another, one key each. */
export function ReviewPage({ slug }: { slug: string }) {
  const project = useProject(slug);
  const user = useMe();
  return user ? <BenchOf key={`${user.id}/${slug}`} user={user} project={project} /> : null;
}

function BenchOf({ user, project }: { user: User; project: Project }) {
  const bench = useNewBench(user, project);
  const scene = useMemo(() => (bench ? { bench, project } : null), [bench, project]);
  if (!scene) return <Skeleton className={classes.bench} radius={0} />;
  return (
    <BenchContext.Provider value={scene}>
      <Lightbox>
        <Desk user={user} />
      </Lightbox>
    </BenchContext.Provider>
  );
}

type Overlay = "help" | "details" | "attention";

function Desk({ user }: { user: User }) {
  const { t } = useWords();
  const { isReferenceOpen } = usePanels();
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const isWide = useMediaQuery("(min-width: 105em)", false, { getInitialValueInEffect: false });
  // On most screens the reference photos take the place of the side panel, which then opens over them.
  const isPanelShown = !isPhone && (isWide || !isReferenceOpen);
  const { open, setOpen, goal, setGoal, note } = useBenchPage(isPanelShown);
  const close = () => setOpen(null);
  return (
    <>
      <section className={classes.bench} aria-label={t("title")}>
        <StatusBar
          isPhone={isPhone}
          isPanelShown={isPanelShown}
          onHelp={() => setOpen("help")}
          onDetails={() => {
            setGoal(null);
            setOpen("details");
          }}
          onAttention={() => setOpen("attention")}
        />
        <div className={classes.middle} data-references={isReferenceOpen || undefined}>
          <div className={classes.dark}>
            <PhotoView isPhone={isPhone} />
            {isPhone ? null : <Filmstrip />}
          </div>
          {isReferenceOpen ? <ReferencePane isPhone={isPhone} /> : null}
          {isPanelShown ? (
            <aside className={classes.panel} aria-label={t("action.details")}>
              <SidePanel noteRef={note} goal={null} />
            </aside>
          ) : null}
        </div>
        <ActionBar isPhone={isPhone} />
        <LiveRegion />
      </section>
      <Drawer
        lockScroll={false}
        opened={!isPanelShown && open === "details"}
        onClose={close}
        position={isPhone ? "bottom" : "right"}
        size={isPhone ? "80%" : 380}
        title={t("action.details")}
        closeButtonProps={{ "aria-label": t("keys.close") }}
      >
        <SidePanel noteRef={note} goal={goal} />
      </Drawer>
      <AttentionList opened={open === "attention"} onClose={close} />
      <KeysDialog user={user} opened={open === "help"} onClose={close} />
    </>
  );
}

/** What the bench asks of the page, and the dialogs that answer. */
function useBenchPage(isPanelShown: boolean) {
  const { bench, project } = useScene();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Overlay | null>(null);
  const [goal, setGoal] = useState<Goal>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const { slug } = project;
  useEffect(() => {
    const openPanel = (wanted: Goal) => {
      setGoal(wanted);
      setOpen("details");
    };
    const page: BenchPage = {
      openHelp: () => setOpen("help"),
      focusNote: () => (isPanelShown ? note.current?.focus() : openPanel("note")),
      openGrid: () => void navigate({ to: "/p/$slug/grid", params: { slug } }),
      toggleSection: (section) => {
        if (isPanelShown) {
          bench.panels.toggle(section);
          return;
        }
        bench.panels.open(section);
        openPanel(section);
      },
      scaleChanged: () => {
        setOpen("attention");
        void client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
      },
    };
    bench.page = page;
  }, [bench, client, navigate, slug, isPanelShown]);
  return { open, setOpen, goal, setGoal, note };
}
