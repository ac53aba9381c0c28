import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Session } from "@/api/types";
import { isLanguage, setLanguage } from "@/i18n";

export interface Credentials {
  email: string;
  password: string;
}

/** Stores a fresh session and follows the person's own language. */
export function useAdoptSession() {
  const client = useQueryClient();
  return async (session: Session) => {
    client.setQueryData(queries.session().queryKey, session);
    const wanted = session.user?.language;
    if (isLanguage(wanted)) await setLanguage(wanted);
  };
}

export function useSignIn() {
  const adopt = useAdoptSession();
  return useMutation({
    // `quiet`: a refused sign-in must not open the sign-in dialog.
    mutationFn: (credentials: Credentials) => api.post<Session>("/session", credentials, { quiet: true }),
    onSuccess: adopt,
  });
}
