import { Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { API_ROOT } from "@/api/client";
import type { EvaluationReport, ReportSubset, Stage } from "@/api/types";
import { formatDateTime, formatDuration } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { TableScroll } from "@/ui/TableScroll";
import { useWriting } from "./figures";
import { DotAt, StagePair } from "./measures";
import classes from "./report.module.css";

/** What changed for people against the version in use: the photos that were right and are wrong now. */
export function Flips({
  slug,
  subset,
  stages,
}: {
  slug: string;
  subset: ReportSubset;
  stages: readonly Stage[];
}) {
  const { t, i18n } = useTranslation("report");
  const { number, points } = useWriting();
  const { flips } = subset;
  if (!flips) return <p className={classes.dim}>{t("flips.first")}</p>;
  const nameAt = (position: number) => {
    const stage = stages.find((candidate) => candidate.position === position);
    return stage ? stageName(stage, i18n.language) : String(position + 1);
  };
  const { difference } = flips;
  return (
    <Card
      title={t("flips.title", { version: flips.version })}
      hint={t("flips.hint", {
        n: number(flips.n, 0),
        negative: number(flips.negative, 0),
        positive: number(flips.positive, 0),
        difference: points(difference.value),
        low: points(difference.low),
        high: points(difference.high),
      })}
    >
      {flips.negative === 0 ? <p className={classes.dim}>{t("flips.none")}</p> : null}
      <ul className={classes.photos}>
        {flips.photos.map((photo) => (
          <li key={photo.photo_id}>
            <Link
              to="/p/$slug/photos"
              params={{ slug }}
              search={{ photo: photo.photo_id }}
              className={classes.photo}
              aria-label={t("flips.photo", {
                id: photo.photo_id,
                truth: nameAt(photo.truth),
                now: nameAt(photo.now),
              })}
            >
              <img
                src={`${API_ROOT}/projects/${slug}/photos/${photo.photo_id}/renditions/thumb`}
                alt=""
                loading="lazy"
              />
              <span className={classes.what}>
                {t("flips.truth")} <DotAt stages={stages} position={photo.truth} /> {t("flips.now")}{" "}
                <DotAt stages={stages} position={photo.now} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {flips.negative > flips.photos.length ? (
        <p className={classes.dim}>{t("flips.more", { shown: number(flips.photos.length, 0) })}</p>
      ) : null}
    </Card>
  );
}

const RIVALS = ["base", "equal_compute", "flat"] as const;

/** Whether specialists serve, and the evidence for it. */
export function Specialists({ report, stages }: { report: EvaluationReport; stages: readonly Stage[] }) {
  const { t } = useTranslation("report");
  const { number, points, range } = useWriting();
  const verdict = report.specialists;
  if (!verdict) return null;
  const rivals = RIVALS.flatMap((name) => {
    const found = verdict.differences[name];
    return found ? [{ name, figure: { value: found.mean, low: found.low, high: found.high } }] : [];
  });
  return (
    <Card title={t("specialists.title")} hint={t("specialists.hint")}>
      <p className={classes.verdict}>{t(`specialists.outcome.${verdict.outcome}`)}</p>
      {verdict.pairs.length > 0 ? (
        <TableScroll label={t("specialists.title")} minWidth={520}>
          <Table mt="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("specialists.pair")}</Table.Th>
                <Table.Th ta="right">{t("specialists.gated")}</Table.Th>
                <Table.Th ta="right">{t("specialists.gain")}</Table.Th>
                <Table.Th ta="right">{t("specialists.weight")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {verdict.pairs.map((row) => (
                <Table.Tr key={row.pair.join("-")}>
                  <Table.Th scope="row" className={classes.stage}>
                    <StagePair stages={stages} pair={row.pair} />
                  </Table.Th>
                  <Table.Td ta="right">{number(row.n_gated, 0)}</Table.Td>
                  <Table.Td ta="right">
                    {number(row.gain)} <span className={classes.range}>± {number(row.standard_error)}</span>
                  </Table.Td>
                  <Table.Td ta="right">{number(row.alpha, 2)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      ) : null}
      {rivals.length > 0 ? (
        <Table mt="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("specialists.rival")}</Table.Th>
              <Table.Th ta="right">{t("specialists.difference")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rivals.map(({ name, figure }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{t(`specialists.against.${name}`)}</Table.Th>
                <Table.Td ta="right">
                  <b>{points(figure.value)}</b> <span className={classes.range}>{range(figure, points)}</span>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : null}
    </Card>
  );
}

/** What it takes to make the same version again. */
export function Receipt({ report }: { report: EvaluationReport }) {
  const { t, i18n } = useTranslation("report");
  const { number } = useWriting();
  const { receipt } = report;
  const labels = receipt.label_set;
  const facts: readonly (readonly [string, string, boolean])[] = [
    [
      t("receipt.labels"),
      t("receipt.labelsValue", {
        id: labels.id,
        scale: labels.scale_version,
        when: formatDateTime(labels.cutoff_at, i18n.language),
      }),
      false,
    ],
    [t("receipt.labelHash"), labels.hash, true],
    [t("receipt.split"), receipt.split_hash, true],
    [t("receipt.code"), receipt.code_revision || "–", true],
    [t("receipt.weights"), receipt.weights_hash, true],
    [
      t("receipt.pretrained"),
      receipt.pretrained.map((row) => `${row.backbone} ${row.weights_hash.slice(0, 12)}`).join(", ") || "–",
      false,
    ],
    [t("receipt.seed"), String(receipt.seed), false],
    [t("receipt.device"), receipt.device, false],
    [t("receipt.time"), formatDuration(receipt.wall_seconds), false],
    [t("receipt.rate"), number(receipt.photos_per_second, 1), false],
    [t("receipt.attempts"), String(receipt.attempts), false],
  ];
  return (
    <Card title={t("receipt.title")} hint={t("receipt.hint")}>
      <dl className={classes.receipt}>
        {facts.map(([name, value, isHash]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd className={isHash ? classes.hash : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
