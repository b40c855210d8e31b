/** Every call to Gameball that the shop has recorded: what came of it, and what can be done about it. */

import { defineRouteConfig } from "@medusajs/admin-sdk";
import { EllipsisHorizontal, MagnifyingGlass } from "@medusajs/icons";
import {
  Badge,
  Button,
  Checkbox,
  CommandBar,
  clx,
  DropdownMenu,
  IconButton,
  Input,
  Label,
  Select,
  Switch,
  Table,
} from "@medusajs/ui";
import { type FormEvent, useEffect, useState } from "react";
import { useSearchParams } from "react-router-dom";
import type {
  DeliveriesAnswer,
  DeliveriesQuery,
  Delivery,
  DeliveryOperation,
  DeliveryState,
} from "../../../../api/admin/gameball/contract.js";
import { Copyable } from "../../../components/copyable.js";
import { Crumb } from "../../../components/crumb.js";
import {
  CustomerLink,
  DeliveryLink,
  OrderLink,
  Problem,
  StateBadge,
} from "../../../components/delivery-bits.js";
import { Moment } from "../../../components/moment.js";
import { Scroll } from "../../../components/scroll.js";
import { Section } from "../../../components/section.js";
import { Empty, Failure, Loading } from "../../../components/states.js";
import { useActions } from "../../../lib/actions.js";
import { type Action, useDeliveries } from "../../../lib/data.js";
import { useTexts } from "../../../lib/texts.js";

const PAGE = 20;
const MOST = 10_000;
const STATES: readonly DeliveryState[] = ["pending", "in_flight", "dead", "applied", "cancelled"];
const OPERATIONS: readonly DeliveryOperation[] = [
  "createCustomer",
  "trackOrder",
  "getCustomer",
  "deleteCustomer",
];
const ACTIONS: readonly Action[] = ["retry", "replay", "cancel"];

function asked(search: URLSearchParams): DeliveriesQuery {
  const state = STATES.find((each) => each === search.get("state"));
  const operation = OPERATIONS.find((each) => each === search.get("operation"));
  const q = search.get("q")?.trim();
  const page = Math.max(Math.trunc(Number(search.get("page"))) || 0, 0);
  return {
    ...(state && { state }),
    ...(operation && { operation }),
    ...(search.get("referred") === "true" && { referred: "true" as const }),
    ...(q && { q }),
    limit: PAGE,
    offset: page * PAGE,
  };
}

export default function Deliveries() {
  const { t } = useTexts();
  const [search, setSearch] = useSearchParams();
  const query = asked(search);
  const { data, error, isPending, isPlaceholderData, refetch } = useDeliveries(query);
  const [selected, setSelected] = useState<readonly number[]>([]);
  const address = search.toString();
  useEffect(() => setSelected([]), [address]);

  const change = (values: Record<string, string | undefined>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries({ page: undefined, ...values })) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setSearch(next, { replace: true });
  };

  if (isPending) {
    return <Loading rows={8} />;
  }
  if (!data) {
    return <Failure error={error} again={refetch} />;
  }
  const isFiltered = ["state", "operation", "referred", "q"].some((name) => search.has(name));
  const shown = data.deliveries;
  const chosen = shown.filter((delivery) => selected.includes(delivery.id));
  return (
    <>
      <Section level="h1" title={t("deliveries.title")} hint={t("deliveries.subtitle")}>
        <Filters query={query} counts={data.counts} change={change} isFiltered={isFiltered} />
        {shown.length === 0 ? (
          <Empty
            title={t(isFiltered ? "deliveries.noMatch" : "deliveries.empty")}
            hint={t(isFiltered ? "deliveries.noMatchHint" : "deliveries.emptyHint")}
          >
            {isFiltered ? (
              <Button size="small" variant="secondary" onClick={() => setSearch({}, { replace: true })}>
                {t("deliveries.clear")}
              </Button>
            ) : null}
          </Empty>
        ) : (
          <div className={clx("transition-opacity", isPlaceholderData && "opacity-60")}>
            <List deliveries={shown} selected={selected} select={setSelected} />
          </div>
        )}
        {data.count > PAGE ? <Pages data={data} change={change} /> : null}
      </Section>
      <Bulk chosen={chosen} done={() => setSelected([])} />
    </>
  );
}

interface FiltersProps {
  query: DeliveriesQuery;
  counts: DeliveriesAnswer["counts"];
  change: (values: Record<string, string | undefined>) => void;
  isFiltered: boolean;
}

function Filters({ query, counts, change, isFiltered }: FiltersProps) {
  const { t, language } = useTexts();
  const [text, setText] = useState(query.q ?? "");
  useEffect(() => setText(query.q ?? ""), [query.q]);
  const number = (count: number) =>
    count >= MOST ? `${MOST.toLocaleString(language)}+` : count.toLocaleString(language);
  const look = (event: FormEvent) => {
    event.preventDefault();
    change({ q: text.trim() || undefined });
  };
  return (
    <div className="flex flex-col gap-3 px-6 py-4">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row of buttons */}
      <div className="flex flex-wrap gap-2" role="group" aria-label={t("deliveries.state")}>
        <Button
          size="small"
          variant={query.state === undefined ? "secondary" : "transparent"}
          aria-pressed={query.state === undefined}
          onClick={() => change({ state: undefined })}
        >
          {t("deliveries.all")}
        </Button>
        {STATES.map((state) => (
          <Button
            key={state}
            size="small"
            variant={query.state === state ? "secondary" : "transparent"}
            aria-pressed={query.state === state}
            onClick={() => change({ state })}
          >
            {t(`deliveries.states.${state}`)}
            <span className="text-ui-fg-subtle tabular-nums">{number(counts[state])}</span>
          </Button>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="w-40">
          <Select
            size="small"
            value={query.operation?.toString() ?? "all"}
            onValueChange={(value) => change({ operation: value === "all" ? undefined : value })}
          >
            <Select.Trigger aria-label={t("deliveries.operation")}>
              <Select.Value />
            </Select.Trigger>
            <Select.Content>
              <Select.Item value="all">{t("deliveries.allCalls")}</Select.Item>
              {OPERATIONS.map((operation) => (
                <Select.Item key={operation} value={operation}>
                  {t(`deliveries.operations.${operation}`)}
                </Select.Item>
              ))}
            </Select.Content>
          </Select>
        </div>
        <form onSubmit={look} className="flex w-full gap-2 sm:w-96">
          <Input
            size="small"
            type="text"
            inputMode="search"
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={t("deliveries.searchHint")}
            aria-label={t("deliveries.searchHint")}
          />
          <IconButton size="small" type="submit" aria-label={t("deliveries.search")}>
            <MagnifyingGlass />
          </IconButton>
        </form>
        <span className="flex items-center gap-2">
          <Switch
            id="gameball-referred"
            size="small"
            checked={query.referred === "true"}
            onCheckedChange={(checked) => change({ referred: checked ? "true" : undefined })}
          />
          <Label htmlFor="gameball-referred" size="small">
            {t("deliveries.referredOnly")}
          </Label>
        </span>
        {isFiltered ? (
          <Button
            size="small"
            variant="transparent"
            onClick={() =>
              change({ state: undefined, operation: undefined, referred: undefined, q: undefined })
            }
          >
            {t("deliveries.clear")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

interface ListProps {
  deliveries: readonly Delivery[];
  selected: readonly number[];
  select: (ids: readonly number[]) => void;
}

function List({ deliveries, selected, select }: ListProps) {
  const { t } = useTexts();
  const selectable = deliveries.filter(({ actions }) => actions.length > 0).map(({ id }) => id);
  const all = selectable.length > 0 && selectable.every((id) => selected.includes(id));
  const toggle = (id: number, checked: boolean) =>
    select(checked ? [...selected, id] : selected.filter((each) => each !== id));
  return (
    <Scroll label={t("deliveries.title")}>
      <Table>
        <Table.Header>
          <Table.Row>
            <Table.HeaderCell className="w-8">
              <Checkbox
                aria-label={t("deliveries.selectAll")}
                checked={all ? true : selected.length > 0 ? "indeterminate" : false}
                disabled={selectable.length === 0}
                onCheckedChange={(checked) => select(checked === true ? selectable : [])}
              />
            </Table.HeaderCell>
            <Table.HeaderCell>{t("deliveries.operation")}</Table.HeaderCell>
            <Table.HeaderCell>{t("deliveries.customer")}</Table.HeaderCell>
            <Table.HeaderCell>{t("deliveries.state")}</Table.HeaderCell>
            <Table.HeaderCell>{t("deliveries.problem")}</Table.HeaderCell>
            <Table.HeaderCell>{t("deliveries.when")}</Table.HeaderCell>
            <Table.HeaderCell className="w-12">
              <span className="sr-only">{t("deliveries.actionsColumn")}</span>
            </Table.HeaderCell>
          </Table.Row>
        </Table.Header>
        <Table.Body>
          {deliveries.map((delivery) => (
            <Table.Row key={delivery.id} className="align-top [&_td]:py-3">
              <Table.Cell>
                <Checkbox
                  aria-label={t("deliveries.select", { id: delivery.id })}
                  checked={selected.includes(delivery.id)}
                  disabled={delivery.actions.length === 0}
                  onCheckedChange={(checked) => toggle(delivery.id, checked === true)}
                />
              </Table.Cell>
              <Table.Cell>
                <span className="flex flex-col items-start gap-1">
                  <DeliveryLink delivery={delivery} />
                  {delivery.order_id === null ? null : <OrderLink id={delivery.order_id} />}
                  {delivery.referred ? (
                    <Badge size="2xsmall" color="blue">
                      {t("deliveries.referred")}
                    </Badge>
                  ) : null}
                </span>
              </Table.Cell>
              <Table.Cell>
                <CustomerLink id={delivery.customer_id} medusaId={delivery.medusa_customer_id} />
              </Table.Cell>
              <Table.Cell>
                <StateBadge delivery={delivery} />
              </Table.Cell>
              <Table.Cell className="min-w-56 max-w-96">
                <span className="flex flex-col items-start gap-1">
                  <Problem delivery={delivery} />
                  {delivery.request_id ? (
                    <Copyable value={delivery.request_id} what={t("common.requestId")} />
                  ) : null}
                </span>
              </Table.Cell>
              <Table.Cell>
                <When delivery={delivery} />
              </Table.Cell>
              <Table.Cell>
                <Menu delivery={delivery} />
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scroll>
  );
}

function When({ delivery }: { delivery: Delivery }) {
  const { t } = useTexts();
  return (
    <span className="flex flex-col">
      <Moment at={delivery.settled_at ?? delivery.created_at} />
      {delivery.attempts > 0 ? (
        <span className="text-ui-fg-subtle whitespace-nowrap">
          {t("deliveries.attempts", { count: delivery.attempts })}
        </span>
      ) : null}
    </span>
  );
}

function Menu({ delivery }: { delivery: Delivery }) {
  const { t } = useTexts();
  const { act, isPending } = useActions();
  if (delivery.actions.length === 0) {
    return null;
  }
  return (
    <DropdownMenu>
      <DropdownMenu.Trigger asChild>
        <IconButton
          size="small"
          variant="transparent"
          disabled={isPending}
          aria-label={t("deliveries.actions", { id: delivery.id })}
        >
          <EllipsisHorizontal />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content align="end">
        {ACTIONS.filter((action) => delivery.actions.includes(action)).map((action) => (
          <DropdownMenu.Item key={action} onSelect={() => act(action, [delivery.id])}>
            {t(`deliveries.${action}`)}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

function Bulk({ chosen, done }: { chosen: readonly Delivery[]; done: () => void }) {
  const { t } = useTexts();
  const { act } = useActions();
  const forAction = (action: Action) =>
    chosen.filter(({ actions }) => actions.includes(action)).map(({ id }) => id);
  const possible = ACTIONS.filter((action) => forAction(action).length > 0);
  return (
    <CommandBar open={chosen.length > 0}>
      <CommandBar.Bar ref={(bar) => name(bar, t("deliveries.selectedActions"))}>
        <CommandBar.Value>{t("deliveries.selected", { count: chosen.length })}</CommandBar.Value>
        {possible.flatMap((action) => [
          <CommandBar.Seperator key={`${action}-line`} />,
          <CommandBar.Command
            key={action}
            label={t(`deliveries.${action}`)}
            shortcut={action.slice(action === "replay" ? 2 : 0, action === "replay" ? 3 : 1)}
            action={async () => {
              await act(action, forAction(action));
              done();
            }}
          />,
        ])}
      </CommandBar.Bar>
    </CommandBar>
  );
}

/** The kit's bar is a dialog without a name. */
function name(bar: HTMLElement | null, text: string) {
  bar?.closest("[role=dialog]")?.setAttribute("aria-label", text);
}

function Pages({ data, change }: { data: DeliveriesAnswer; change: FiltersProps["change"] }) {
  const { t, language } = useTexts();
  const page = Math.floor(data.offset / PAGE);
  const to = Math.min(data.offset + data.deliveries.length, data.count);
  return (
    <div className="flex items-center justify-between gap-4 px-6 py-4">
      <span className="txt-compact-small text-ui-fg-subtle tabular-nums">
        {t("deliveries.page", {
          from: (data.offset + 1).toLocaleString(language),
          to: to.toLocaleString(language),
          count: data.count >= MOST ? t("deliveries.many") : data.count.toLocaleString(language),
        })}
      </span>
      <span className="flex gap-2">
        <Button
          size="small"
          variant="transparent"
          disabled={page === 0}
          onClick={() => change({ page: page > 1 ? String(page - 1) : undefined })}
        >
          {t("deliveries.previous")}
        </Button>
        <Button
          size="small"
          variant="transparent"
          disabled={to >= data.count}
          onClick={() => change({ page: String(page + 1) })}
        >
          {t("deliveries.next")}
        </Button>
      </span>
    </div>
  );
}

export const config = defineRouteConfig({ label: "menu.deliveries", translationNs: "gameball" });

export const handle = { breadcrumb: () => <Crumb name="menu.deliveries" /> };
