import {
  ActionIcon,
  Box,
  Button,
  Menu,
  NativeSelect,
  Skeleton,
  Table,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMe } from "@/api/project";
import { queries } from "@/api/queries";
import type { Member, PersonInPractice, Role } from "@/api/types";
import { formatAgo, formatNumber } from "@/lib/format";
import { ROLES } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError, Problem } from "@/ui/Problem";
import { TableScroll } from "@/ui/TableScroll";
import { InviteModal } from "./InviteModal";
import { LinkModal, type ShownLink } from "./LinkModal";
import { PracticeCard, PracticeState, usePracticeDecision } from "./PracticeCard";

export function PeoplePage({ slug }: { slug: string }) {
  const { t } = useTranslation("people");
  const members = useQuery(queries.members(slug));
  const practice = useQuery(queries.practicePeople(slug));
  const [isInviting, setIsInviting] = useState(false);
  const [link, setLink] = useState<ShownLink | null>(null);
  return (
    <>
      <PageHeader
        title={t("title")}
        hint={t("hint")}
        actions={
          <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setIsInviting(true)}>
            {t("invite.button")}
          </Button>
        }
      />
      {members.isPending ? <Skeleton height={200} /> : null}
      {members.error ? <Problem error={members.error} onRetry={() => void members.refetch()} /> : null}
      {members.data ? (
        <MemberList
          slug={slug}
          members={members.data}
          people={practice.data?.people ?? []}
          onLink={setLink}
        />
      ) : null}
      {practice.error ? <Problem error={practice.error} onRetry={() => void practice.refetch()} /> : null}
      {practice.data ? (
        <Box mt="lg">
          <PracticeCard slug={slug} overview={practice.data} />
        </Box>
      ) : null}
      <InviteModal
        slug={slug}
        opened={isInviting}
        onClose={() => setIsInviting(false)}
        onAdded={(added) => {
          setIsInviting(false);
          if (added.access_link) setLink({ email: added.email, url: added.access_link });
          else notifyDone(t("invite.addedKnown", { email: added.email }));
        }}
      />
      <LinkModal link={link} onClose={() => setLink(null)} />
    </>
  );
}

interface MemberListProps {
  slug: string;
  members: readonly Member[];
  people: readonly PersonInPractice[];
  onLink: (link: ShownLink) => void;
}

function MemberList({ slug, members, people, onLink }: MemberListProps) {
  const { t, i18n } = useTranslation("people");
  const { t: tPractice } = useTranslation("practice");
  const standing = new Map(people.map((it) => [it.membership_id, it]));
  const me = useMe();
  return (
    <Card flush>
      <TableScroll label={t("title")} minWidth={820}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column.person")}</Table.Th>
              <Table.Th>{t("column.role")}</Table.Th>
              <Table.Th>{tPractice("people.column")}</Table.Th>
              <Table.Th ta="right">{t("column.annotations")}</Table.Th>
              <Table.Th>{t("column.active")}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t("column.actions")}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {members.map((member) => (
              <Table.Tr key={member.id}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {member.full_name || member.email}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {member.email}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <RolePicker slug={slug} member={member} isMe={member.email === me?.email} />
                </Table.Td>
                <Table.Td>
                  <PracticeState person={standing.get(member.id)} />
                </Table.Td>
                <Table.Td ta="right">{formatNumber(member.n_annotations, i18n.language)}</Table.Td>
                <Table.Td>{formatAgo(member.last_active_at, i18n.language)}</Table.Td>
                <Table.Td ta="right">
                  <MemberMenu
                    slug={slug}
                    member={member}
                    practice={standing.get(member.id)}
                    isMe={member.email === me?.email}
                    onLink={onLink}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Card>
  );
}

function RolePicker({ slug, member, isMe }: { slug: string; member: Member; isMe: boolean }) {
  const { t } = useTranslation("people");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) => api.patch<Member>(`/projects/${slug}/members/${member.id}`, { role }),
    onSuccess: () => notifyDone(tCommon("saved")),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
    onSettled: () => client.invalidateQueries({ queryKey: queries.members(slug).queryKey }),
  });
  return (
    <NativeSelect
      aria-label={t("roleOf", { name: member.full_name || member.email })}
      w={160}
      value={change.isPending ? change.variables : member.role}
      // Nobody changes their own role: an admin could lock the project by accident.
      disabled={isMe || change.isPending}
      data={ROLES.map((role) => ({ value: role, label: tCommon(`role.${role}`) }))}
      onChange={(event) => {
        const role = ROLES.find((candidate) => candidate === event.currentTarget.value);
        if (role) change.mutate(role);
      }}
    />
  );
}

interface MemberMenuProps {
  slug: string;
  member: Member;
  practice: PersonInPractice | undefined;
  isMe: boolean;
  onLink: (link: ShownLink) => void;
}

function MemberMenu({ slug, member, practice, isMe, onLink }: MemberMenuProps) {
  const { t } = useTranslation("people");
  const { t: tPractice } = useTranslation("practice");
  const decide = usePracticeDecision(slug, member);
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const fail = (error: unknown) => notifyFailed(describeError(error, tErrors));
  const remove = useMutation({
    mutationFn: () => api.delete(`/projects/${slug}/members/${member.id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.members(slug).queryKey }),
    onError: fail,
  });
  const renew = useMutation({
    mutationFn: () => api.post<{ access_link: string }>(`/projects/${slug}/members/${member.id}/access-link`),
    onSuccess: ({ access_link: url }) => onLink({ email: member.email, url }),
    onError: fail,
  });
  const name = member.full_name || member.email;
  const askToRemove = () =>
    askToConfirm({
      title: t("remove.title", { name }),
      body: t("remove.body"),
      confirm: t("remove.confirm"),
      cancel: t("remove.cancel"),
      isDangerous: true,
      onConfirm: () => remove.mutate(),
    });
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon aria-label={t("actionsOf", { name })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="key" size={18} />} onClick={() => renew.mutate()}>
          {t("newLink")}
        </Menu.Item>
        {practice && practice.state !== "counts" ? (
          <Menu.Item leftSection={<Icon name="check" size={18} />} onClick={() => decide.mutate(true)}>
            {tPractice("people.pass")}
          </Menu.Item>
        ) : null}
        {practice && practice.state !== "practising" ? (
          <Menu.Item leftSection={<Icon name="undo" size={18} />} onClick={() => decide.mutate(false)}>
            {tPractice("people.send")}
          </Menu.Item>
        ) : null}
        <Menu.Item
          leftSection={<Icon name="trash" size={18} />}
          color="clay"
          disabled={isMe}
          onClick={askToRemove}
        >
          {t("remove.button")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
