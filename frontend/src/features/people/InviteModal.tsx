import { Alert, Button, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { MemberAdded, Role } from "@/api/types";
import { ROLES } from "@/lib/roles";
import { describeError } from "@/ui/Problem";

export interface InviteModalProps {
  slug: string;
  opened: boolean;
  onClose: () => void;
  onAdded: (member: MemberAdded) => void;
}

export function InviteModal({ slug, opened, onClose, onAdded }: InviteModalProps) {
  const { t } = useTranslation("people");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("invite.title")}
      closeButtonProps={{ "aria-label": t("invite.cancel") }}
    >
      <InviteForm slug={slug} onCancel={onClose} onAdded={onAdded} />
    </Modal>
  );
}

interface InviteFormProps {
  slug: string;
  onCancel: () => void;
  onAdded: (member: MemberAdded) => void;
}

function InviteForm({ slug, onCancel, onAdded }: InviteFormProps) {
  const { t } = useTranslation("people");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const form = useForm<{ email: string; full_name: string; role: Role }>({
    initialValues: { email: "", full_name: "", role: "expert" },
    validate: { email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t("invite.badEmail")) },
  });
  const add = useMutation({
    mutationFn: (values: typeof form.values) =>
      api.post<MemberAdded>(`/projects/${slug}/members`, { ...values, email: values.email.trim() }),
    onSuccess: async (member) => {
      await client.invalidateQueries({ queryKey: queries.members(slug).queryKey });
      onAdded(member);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack>
        {add.error ? (
          <Alert role="alert" color="clay">
            {describeError(add.error, tErrors)}
          </Alert>
        ) : null}
        <TextInput type="email" label={t("invite.email")} data-autofocus {...form.getInputProps("email")} />
        <TextInput label={t("invite.name")} {...form.getInputProps("full_name")} />
        <NativeSelect
          label={t("column.role")}
          description={t(`roleHint.${form.values.role}`)}
          inputWrapperOrder={["label", "input", "description"]}
          data={ROLES.map((role) => ({ value: role, label: tCommon(`role.${role}`) }))}
          {...form.getInputProps("role")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t("invite.cancel")}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t("invite.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
