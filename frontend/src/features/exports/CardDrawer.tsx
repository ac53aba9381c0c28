import { Button, Drawer, Skeleton, Table } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { Problem } from "@/ui/Problem";
import { TableScroll } from "@/ui/TableScroll";
import classes from "./CardDrawer.module.css";
import { type Block, cardBlocks } from "./card";

export interface CardDrawerProps {
  slug: string;
  exportId: number | null;
  onClose: () => void;
}

/** What is in an export, by which rules, where it came from: the card that goes with the file. */
export function CardDrawer({ slug, exportId, onClose }: CardDrawerProps) {
  const { t } = useTranslation("exports");
  const { t: tCommon } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  const detail = useQuery({ ...queries.export(slug, exportId ?? 0), enabled: exportId !== null });
  return (
    <Drawer
      opened={exportId !== null}
      onClose={onClose}
      position="right"
      size={640}
      title={t("card.title")}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      {detail.isPending ? <Skeleton height={320} /> : null}
      {detail.error ? <Problem error={detail.error} onRetry={() => void detail.refetch()} /> : null}
      {detail.data ? (
        <div className={classes.card}>
          <p className={classes.hint}>{t("card.hint")}</p>
          {cardBlocks(detail.data.card).map((block, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a card never change places
            <Drawn key={index} block={block} label={t("card.table")} />
          ))}
          <Button
            variant="default"
            leftSection={<Icon name={clipboard.copied ? "check" : "copy"} size={18} />}
            onClick={() => clipboard.copy(detail.data.card)}
          >
            {clipboard.copied ? tCommon("copied") : t("card.copy")}
          </Button>
        </div>
      ) : null}
    </Drawer>
  );
}

function Drawn({ block, label }: { block: Block; label: string }) {
  switch (block.kind) {
    case "title":
      return <p className={classes.title}>{block.text}</p>;
    case "heading":
      return <h3 className={classes.heading}>{block.text}</h3>;
    case "text":
      return <p>{block.text}</p>;
    case "list":
      return (
        <ul className={classes.list}>
          {block.items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      );
    case "table":
      return (
        <TableScroll label={label} minWidth={480}>
          <Table verticalSpacing={6} horizontalSpacing="xs" fz="sm">
            <Table.Thead>
              <Table.Tr>
                {block.head.map((cell) => (
                  <Table.Th key={cell}>{cell}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {block.rows.map((row) => (
                <Table.Tr key={row.join("|")}>
                  {row.map((cell, column) => (
                    <Table.Td key={block.head[column]}>{cell}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      );
  }
}
