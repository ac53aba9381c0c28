import { type DragEvent, type ReactNode, useId, useState } from "react";
import { Icon } from "@/ui/Icon";
import classes from "./FilePicker.module.css";

export interface FilePickerProps {
  label: string;
  hint: string;
  accept: string;
  multiple?: boolean;
  disabled?: boolean;
  onFiles: (files: File[]) => void;
  children?: ReactNode;
}

/** A file input that also takes dropped files; the input itself stays reachable by keyboard. */
export function FilePicker({ label, hint, accept, multiple, disabled, onFiles, children }: FilePickerProps) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const files = [...event.dataTransfer.files];
    if (!disabled && files.length > 0) onFiles(multiple ? files : files.slice(0, 1));
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
        multiple={multiple}
        disabled={disabled}
        className={classes.input}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          // The same file may be chosen again after a failure.
          event.currentTarget.value = "";
        }}
      />
      <Icon name="import" size={26} />
      <span className={classes.label}>{label}</span>
      <span className={classes.hint}>{hint}</span>
      {children}
    </label>
  );
}
