import { Modal, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SecondLookRound } from "@/api/types";
import { formatDate, formatNumber, formatPercent } from "@/lib/format";
import { TableScroll } from "@/ui/TableScroll";
import { effectOf } from "./doubt";
import classes from "./Rounds.module.css";

interface RoundsProps {
  opened: boolean;
  rounds: readonly SecondLookRound[];
  onClose: () => void;
}

/** What looking again has brought, training by training. */
export function Rounds({ opened, rounds, onClose }: RoundsProps) {
  const { t } = useTranslation("secondLook");
  const { t: tCommon } = useTranslation();
  return (
    <Modal
      lockScroll={false}
      closeButtonProps={{ "aria-label": tCommon("close") }}
      opened={opened}
      onClose={onClose}
      title={t("rounds.title")}
      size="xl"
    >
      <p className={classes.hint}>{t("rounds.hint")}</p>
      <RoundsTable rounds={rounds} />
    </Modal>
  );
}

export function RoundsTable({ rounds }: { rounds: readonly SecondLookRound[] }) {
  const { t, i18n } = useTranslation("secondLook");
  const number = (value: number) => formatNumber(value, i18n.language);
  return (
    <TableScroll label={t("rounds.title")} minWidth={620}>
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            {(["training", "labels", "noise", "listed", "judged", "wrong", "waiting"] as const).map(
              (column) => (
                <Table.Th key={column} scope="col">
                  {t(`rounds.${column}`)}
                </Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rounds.map((round) => {
            const { judged, wrong, waiting } = effectOf(round);
            return (
              <Table.Tr key={round.run_id}>
                <Table.Th scope="row">
                  {round.version_number === null ? "" : t("rounds.version", { number: round.version_number })}
                  <small>{formatDate(round.built_at, i18n.language)}</small>
                </Table.Th>
                <Table.Td>{number(round.n_labels)}</Table.Td>
                <Table.Td>{formatPercent(round.noise_rate, i18n.language, 1)}</Table.Td>
                <Table.Td>{number(round.n_doubted)}</Table.Td>
                <Table.Td>{number(judged)}</Table.Td>
                <Table.Td>
                  {number(wrong)}
                  {judged > 0 ? <small>{formatPercent(wrong / judged, i18n.language)}</small> : null}
                </Table.Td>
                <Table.Td>{number(waiting)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}
