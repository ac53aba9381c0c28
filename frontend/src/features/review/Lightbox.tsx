import { ActionIcon, Modal } from "@mantine/core";
import { createContext, type KeyboardEvent, type ReactNode, useContext, useState } from "react";
import { Icon } from "@/ui/Icon";
import classes from "./Lightbox.module.css";
import { useWords } from "./words";

/** A photo to be looked at large. */
export interface Picture {
  id: number;
  thumbUrl: string;
  viewUrl: string;
  title: string;
  note?: string;
}

type Enlarge = (pictures: readonly Picture[], index: number) => void;
const EnlargeContext = createContext<Enlarge>(() => undefined);

/** Opens photos large, one of several. */
export function useEnlarge(): Enlarge {
  return useContext(EnlargeContext);
}

/** One dialog for every small photo around the one that is asked. */
export function Lightbox({ children }: { children: ReactNode }) {
  const [pictures, setPictures] = useState<readonly Picture[]>([]);
  const [index, setIndex] = useState(0);
  const [isOpen, setIsOpen] = useState(false);
  const { t } = useWords();
  const picture = pictures[index];
  const enlarge: Enlarge = (all, at) => {
    setPictures(all);
    setIndex(at);
    setIsOpen(true);
  };
  const move = (step: number) => setIndex(Math.min(pictures.length - 1, Math.max(0, index + step)));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
  };
  return (
    <EnlargeContext value={enlarge}>
      {children}
      <Modal
        lockScroll={false}
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        onKeyDown={onKeyDown}
        size="auto"
        title={picture?.title ?? ""}
        closeButtonProps={{ "aria-label": t("keys.close") }}
      >
        {picture ? (
          <figure className={classes.figure}>
            {/* The small one stands in until the large one has come. */}
            <img
              key={picture.id}
              className={classes.photo}
              style={{ backgroundImage: `url("${picture.thumbUrl}")` }}
              src={picture.viewUrl}
              alt={picture.title}
            />
            <figcaption className={classes.caption}>
              {pictures.length > 1 ? (
                <ActionIcon
                  size={44}
                  aria-label={t("enlarge.previous")}
                  disabled={index === 0}
                  onClick={() => move(-1)}
                >
                  <span className={classes.back}>
                    <Icon name="chevron" />
                  </span>
                </ActionIcon>
              ) : null}
              <span>{picture.note}</span>
              {pictures.length > 1 ? (
                <ActionIcon
                  size={44}
                  aria-label={t("enlarge.next")}
                  disabled={index === pictures.length - 1}
                  onClick={() => move(1)}
                >
                  <Icon name="chevron" />
                </ActionIcon>
              ) : null}
            </figcaption>
          </figure>
        ) : null}
      </Modal>
    </EnlargeContext>
  );
}
