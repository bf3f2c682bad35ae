/** A computed trait as a workspace is given it. */
export interface DefaultTrait {
  readonly key: string;
  readonly name: string;
  readonly query: string;
}

/** What most shops ask for first, in this order: a score comes behind what it ranks. */
export const DEFAULT_TRAITS: readonly DefaultTrait[] = [
  { key: 'orders', name: 'Orders', query: "event('Order Completed').count()" },
  { key: 'revenue', name: 'Revenue', query: "event('Order Completed').sum(property('revenue'))" },
  {
    key: 'average_order_value',
    name: 'Average order value',
    query: "event('Order Completed').avg(property('revenue'))",
  },
  { key: 'first_order_at', name: 'First order', query: "event('Order Completed').first_at()" },
  { key: 'last_order_at', name: 'Last order', query: "event('Order Completed').last_at()" },
  {
    key: 'seconds_since_last_order',
    name: 'Seconds since the last order',
    query: "event('Order Completed').time_since_last()",
  },
  {
    key: 'stage',
    name: 'Stage',
    query: "event('Order Completed').stage(30 days, 90 days, 180 days)",
  },
  { key: 'recency_score', name: 'Recency score', query: "trait('last_order_at').score(5)" },
  { key: 'frequency_score', name: 'Frequency score', query: "trait('orders').score(5)" },
  { key: 'monetary_score', name: 'Monetary score', query: "trait('revenue').score(5)" },
];
