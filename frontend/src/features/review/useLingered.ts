import { useDebouncedValue } from "@mantine/hooks";

const LINGER_MS = 700;

/** Whether the expert has stayed with this photo for a moment: at full pace nobody reads what lies around it. */
export function useLingered(photoId: number): boolean {
  const [lingered] = useDebouncedValue(photoId, LINGER_MS);
  return lingered === photoId;
}
