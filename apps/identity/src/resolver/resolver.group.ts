/** Names the consumer group that resolves identifiers, as a Nest transport and as a provider. */
export const RESOLVER_GROUP = Symbol('identity-resolver');
