import { type DragEvent, type ReactNode, useId, useState } from "react";
import { Icon } from "@/ui/Icon";
import type { Picked } from "./check";
import { chosen, dropped } from "./dropped";
import classes from "./FilePicker.module.css";

export interface FilePickerProps {
  label: string;
  hint: string;
  accept?: string;
  multiple?: boolean;
  /** Choose a folder with all that lies in it. */
  folder?: boolean;
  disabled?: boolean;
  onFiles: (files: Picked[]) => void;
  children?: ReactNode;
}

/** A file input that also takes dropped files and folders; the input itself stays reachable by keyboard. */
export function FilePicker(props: FilePickerProps) {
  const {
    label,
    hint,
    accept,
    multiple = false,
    folder = false,
    disabled = false,
    onFiles,
    children,
  } = props;
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const take = (files: Picked[]) => {
    if (!disabled && files.length > 0) onFiles(multiple || folder ? files : files.slice(0, 1));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    void dropped(event.dataTransfer).then(take);
  };
  return (
    <label
      htmlFor={id}
      className={classes.zone}
      data-over={isOver || undefined}
      data-disabled={disabled || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <input
        id={id}
        type="file"
        accept={accept}
        multiple={multiple || folder}
        // React has no property for it: an attribute of its own, set as such.
        {...(folder ? { webkitdirectory: "" } : {})}
        disabled={disabled}
        className={classes.input}
        onChange={(event) => {
          take(chosen(event.currentTarget.files ?? []));
          // The same file may be chosen again after a failure.
          event.currentTarget.value = "";
        }}
      />
      <Icon name={folder ? "folder" : "import"} size={26} />
      <span className={classes.label}>{label}</span>
      <span className={classes.hint}>{hint}</span>
      {children}
    </label>
  );
}
