import { nearestName } from '@tributary/kernel';

interface KnownRoute {
  readonly method: string;
  readonly path: string;
}

/** The routes of a service, to name the right one where there is none. */
export class RouteList {
  readonly #routes: KnownRoute[] = [];

  /** Takes a route as Fastify has it. What stands for any path, and what answers beside a GET, is no advice. */
  add(methods: string | readonly string[], path: string): void {
    if (path.includes('*')) return;
    for (const method of [methods].flat()) {
      if (method !== 'HEAD' && method !== 'OPTIONS') this.#routes.push({ method, path });
    }
  }

  /** A sentence on a route that is not there, with those that may have been meant; the path is without its query. */
  missing(method: string, path: string): string {
    const near = this.#near(trimmed(path)).map((route) => `${route.method} ${shown(route.path)}`);
    const sentence = `There is no ${method} ${path}`;
    if (near.length === 0) return `${sentence}.`;
    return `${sentence}; there ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}.`;
  }

  #near(path: string): readonly KnownRoute[] {
    const here = this.#routes.filter((route) => matches(route.path, path));
    // A resource is put at an address of its own, not posted to its list.
    const below = this.#routes.filter(
      (route) => route.method === 'PUT' && here.length > 0 && isItemOf(route.path, path),
    );
    if (here.length > 0) return [...here, ...below];
    const plain = [...new Set(this.#routes.map((route) => route.path))].filter((one) => one !== '/');
    const nearest = plain.find((one) => one.endsWith(path)) ?? nearestName(path, plain);
    return this.#routes.filter((route) => route.path === nearest);
  }
}

/** Routes are found with and without slashes at the end, and in any case. */
function trimmed(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '') || '/';
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.toLowerCase().split('/');
  const given = path.split('/');
  return parts.length === given.length && parts.every((part, i) => part.startsWith(':') || part === given[i]);
}

function isItemOf(pattern: string, path: string): boolean {
  const end = /\/:\w+(?:\/:\w+)*$/.exec(pattern);
  return end !== null && pattern.slice(0, end.index).toLowerCase() === path;
}

function shown(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}
