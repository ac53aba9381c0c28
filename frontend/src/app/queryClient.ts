import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";

const RETRIES = 2;

/** One cache for the whole application. Only failures that may pass by themselves are tried again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (failures, error) => error instanceof ApiError && error.isTransient && failures < RETRIES,
    },
  },
});
