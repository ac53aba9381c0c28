import { Button, Group, Modal, Text } from "@mantine/core";
import type { Question } from "@/ui/confirm";

export default function ConfirmDialog({ question, onClose }: { question: Question; onClose: () => void }) {
  const cancel = () => {
    onClose();
    question.onCancel?.();
  };
  return (
    <Modal
      opened
      onClose={cancel}
      title={question.title}
      closeButtonProps={{ "aria-label": question.cancel }}
    >
      <Text size="sm">{question.body}</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={cancel}>
          {question.cancel}
        </Button>
        <Button
          data-autofocus
          color={question.isDangerous ? "clay" : undefined}
          onClick={() => {
            onClose();
            question.onConfirm();
          }}
        >
          {question.confirm}
        </Button>
      </Group>
    </Modal>
  );
}
