/**
 * `workspaces_with_orders`: a row a workspace that has received an order, for the api, which gives it the traits of
 * customers. Found at the insert: to look for them in the table of events would read all of it, again and again.
 */
export const WORKSPACES_WITH_ORDERS = `CREATE TABLE IF NOT EXISTS workspaces_with_orders (
  workspace_id String
) ENGINE = ReplacingMergeTree ORDER BY workspace_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS workspaces_with_orders_feed TO workspaces_with_orders AS
SELECT DISTINCT workspaceId AS workspace_id
FROM events_intake
WHERE type = 'track' AND event = 'Order Completed';

INSERT INTO workspaces_with_orders
SELECT DISTINCT workspace_id FROM events_log WHERE type = 'track' AND event = 'Order Completed';`;
