/** What the pages show and change, kept by the admin's own cache. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  CheckAnswer,
  CustomerEvidenceAnswer,
  DashboardAnswer,
  DeliveriesActionAnswer,
  DeliveriesAnswer,
  DeliveriesQuery,
  DeliveryAnswer,
  OrderEvidenceAnswer,
  SettingsAnswer,
  SettingsUpdate,
} from "../../api/admin/gameball/contract.js";
import { get, isMissing, post, type Query } from "./client.js";

const ALL = "gameball";

/** What is on its way is looked at again after so many milliseconds. */
const WATCH = 5_000;
const OFTEN = 15_000;

const once = {
  retry: (count: number, error: unknown) => count < 1 && !isMissing(error),
};

export function useSettings() {
  return useQuery({
    queryKey: [ALL, "settings"],
    queryFn: () => get<SettingsAnswer>("settings"),
    ...once,
  });
}

export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (update: SettingsUpdate) => post<SettingsAnswer>("settings", update),
    onSuccess: (answer) => {
      client.setQueryData([ALL, "settings"], answer);
      return client.invalidateQueries({ queryKey: [ALL] });
    },
  });
}

export function useCheck() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<CheckAnswer>("settings/check"),
    onSuccess: () => client.invalidateQueries({ queryKey: [ALL] }),
  });
}

export function useDashboard(days: number) {
  return useQuery({
    queryKey: [ALL, "dashboard", days],
    queryFn: () => get<DashboardAnswer>("dashboard", { days }),
    placeholderData: keepPreviousData,
    refetchInterval: OFTEN,
    ...once,
  });
}

export function useDeliveries(query: DeliveriesQuery) {
  return useQuery({
    queryKey: [ALL, "deliveries", query],
    queryFn: () => get<DeliveriesAnswer>("deliveries", query as Query),
    placeholderData: keepPreviousData,
    refetchInterval: OFTEN,
    ...once,
  });
}

export function useDelivery(id: string) {
  return useQuery({
    queryKey: [ALL, "delivery", id],
    queryFn: () => get<DeliveryAnswer>(`deliveries/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data?.delivery.waiting ? WATCH : false),
    ...once,
  });
}

export type Action = "retry" | "replay" | "cancel";

export function useAct() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, ids }: { action: Action; ids: number[] }) =>
      post<DeliveriesActionAnswer>(`deliveries/${action}`, { ids }),
    onSettled: () => client.invalidateQueries({ queryKey: [ALL] }),
  });
}

export function useCustomerEvidence(id: string) {
  return useQuery({
    queryKey: [ALL, "customer", id],
    queryFn: () => get<CustomerEvidenceAnswer>(`customers/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data?.evidence.tone === "wait" ? WATCH : false),
    ...once,
  });
}

export function useOrderEvidence(id: string) {
  return useQuery({
    queryKey: [ALL, "order", id],
    queryFn: () => get<OrderEvidenceAnswer>(`orders/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data?.evidence.tone === "wait" ? WATCH : false),
    ...once,
  });
}
