import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { User } from "@/api/types";
import { askToConfirm } from "@/ui/confirm";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { unsentDecisions } from "./unsent";

/** Signs out; asks first when decisions of this person wait in this browser. */
export function useSignOut(user: User): () => void {
  const { t } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const router = useRouter();

  const leave = async () => {
    try {
      await api.delete("/session");
    } catch (error) {
      notifyFailed(describeError(error, tErrors));
      return;
    }
    await router.navigate({ to: "/login" });
    client.clear();
    await router.invalidate();
  };

  return () => {
    void unsentDecisions(user.id).then((count) => {
      if (count === 0) return leave();
      askToConfirm({
        title: t("signOut.title"),
        body: t("signOut.body", { count }),
        confirm: t("signOut.anyway"),
        cancel: t("signOut.stay"),
        isDangerous: true,
        onConfirm: () => void leave(),
      });
    });
  };
}
