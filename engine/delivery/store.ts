import type { Alert } from "../../model/alert.ts";
import type { OpenedAlert } from "../../model/hits.ts";
import type { Store } from "../../store/mod.ts";

/** What a store with outboxes tells of alerts. */
export interface OutboxHandlers {
  /** The names of the sinks that are to be told of an alert. */
  readonly route: (alert: Alert) => readonly string[];
  /** Alerts are durable, with their outbox entries. */
  readonly onStored: () => void;
  /** Alerts could not be stored; some of them may be durable nevertheless. */
  readonly onUnstored: (alerts: readonly OpenedAlert[]) => void;
}

/** A store whose alerts find their way into the outboxes of their sinks, in the same commit. */
export function withOutboxes(store: Store, handlers: OutboxHandlers): Store {
  const { route, onStored, onUnstored } = handlers;
  return {
    ...store,
    async commitHits(changes) {
      const alerts = changes.alerts.map((opened) => ({ ...opened, sinks: route(opened.alert) }));
      try {
        await store.commitHits({ ...changes, alerts });
      } catch (error) {
        if (alerts.length > 0) onUnstored(alerts);
        throw error;
      }
      if (alerts.length > 0) onStored();
    },
    async retryDeadLetters(query) {
      const count = await store.retryDeadLetters(query);
      if (count > 0) onStored();
      return count;
    },
  };
}
