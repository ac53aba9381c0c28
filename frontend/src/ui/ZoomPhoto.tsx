import { ActionIcon } from "@mantine/core";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";
import classes from "./ZoomPhoto.module.css";
import { Zoomable } from "./zoomable";

interface Photo {
  thumb_url: string;
  view_url: string;
  full_url: string;
  width: number;
  height: number;
}

/** The photo, whole and as large as fits; the sharpest rendition comes when somebody zooms in. */
export function ZoomPhoto({ photo, alt, zoom }: ZoomPhotoProps) {
  const { t } = useTranslation();
  const host = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [isZoomed, setIsZoomed] = useState(false);
  const wasZoomed = useRef(false);
  wasZoomed.current ||= isZoomed;
  const { width, height } = photo;
  useEffect(() => {
    if (!host.current || !frame.current) return;
    const made = new Zoomable(host.current, frame.current, { width, height }, setIsZoomed);
    zoom.current = made;
    return () => {
      made.close();
      if (zoom.current === made) zoom.current = null;
    };
  }, [width, height, zoom]);
  return (
    <figure className={classes.figure}>
      <div
        ref={host}
        className={classes.host}
        data-zoomed={isZoomed || undefined}
        role="img"
        aria-label={alt}
      >
        <div ref={frame} className={classes.frame}>
          <img src={photo.thumb_url} alt="" draggable={false} />
          <img src={photo.view_url} alt="" draggable={false} />
          {wasZoomed.current ? <img src={photo.full_url} alt="" draggable={false} /> : null}
        </div>
      </div>
      <div className={classes.buttons}>
        <ActionIcon aria-label={t("zoom.in")} title={t("zoom.in")} onClick={() => zoom.current?.step(1)}>
          <Icon name="plus" size={18} />
        </ActionIcon>
        <ActionIcon
          aria-label={t("zoom.out")}
          title={t("zoom.out")}
          disabled={!isZoomed}
          onClick={() => zoom.current?.step(-1)}
        >
          <Icon name="minus" size={18} />
        </ActionIcon>
      </div>
    </figure>
  );
}

export interface ZoomPhotoProps {
  photo: Photo;
  alt: string;
  /** Where the page's keys find the zoom. */
  zoom: RefObject<Zoomable | null>;
}
