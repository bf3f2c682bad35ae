/** Names the consumer group of the changes processor, as a Nest transport and as a provider. */
export const CHANGES_GROUP = Symbol('segmentation-changes');
