import type { Source } from '../sources/source-registry.port.js';

/** Where the collector is, as the library's page reached it. */
export interface PublicAddress {
  readonly protocol: 'http' | 'https';
  readonly host: string;
}

/**
 * What analytics.js reads before it starts: no destinations but this collector, at the address at which the settings
 * themselves were asked for, so that a page changes one URL.
 */
export function analyticsJsSettings(writeKey: string, { protocol, host }: PublicAddress): object {
  const apiHost = `${host}/v1`;
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost,
        protocol,
        unbundledIntegrations: [],
        addBundledMetadata: true,
        maybeBundledConfigIds: {},
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0, host: apiHost },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
}

/** What RudderStack's library reads before it starts: a source without destinations of its own, nothing reported. */
export function rudderSourceConfig({ sourceId, workspaceId }: Source, at: string): object {
  return {
    source: {
      id: sourceId,
      name: sourceId,
      writeKey: '',
      enabled: true,
      workspaceId,
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      connections: [],
      destinations: [],
      dataplanes: {},
      updatedAt: at,
    },
    updatedAt: at,
    consentManagementMetadata: { providers: [] },
  };
}
