export type Route =
  | { page: 'board' }
  | { page: 'shipments' }
  | { page: 'shipment'; code: string }
  | { page: 'quarantine' }
  | { page: 'my-key' }
  | { page: 'sign-in' }
  | { page: 'missing' };

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The page that a path names. */
export function matchRoute(path: string): Route {
  const parts = path.split('/').filter(Boolean).map(decode);
  const [first, second, ...rest] = parts;
  if (rest.length > 0) return { page: 'missing' };
  if (first === undefined) return { page: 'board' };
  if (first === 'shipments') return second ? { page: 'shipment', code: second } : { page: first };
  if ((first === 'quarantine' || first === 'my-key' || first === 'sign-in') && !second) {
    return { page: first };
  }
  return { page: 'missing' };
}

/** Where to go after signing in: a path of ours, never another site. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}

export const shipmentPath = (code: string): string => `/shipments/${encodeURIComponent(code)}`;

class Router {
  path = $state('/');
  search = $state('');
  route = $derived(matchRoute(this.path));

  start(): void {
    this.read();
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.follow(event));
  }

  go(to: string, replace = false): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    this.read();
    if (!replace) scrollTo(0, 0);
  }

  /** One word of the query string; null takes it out. The history gains no step. */
  setParam(name: string, value: string | null): void {
    const params = new URLSearchParams(location.search);
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
    const query = params.size > 0 ? `?${params}` : '';
    if (query !== location.search) this.go(location.pathname + query, true);
  }

  param(name: string): string | null {
    return new URLSearchParams(this.search).get(name);
  }

  private read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link?.href || link.target || link.origin !== location.origin) return;
    if (link.getAttribute('href')?.startsWith('#') || link.hasAttribute('download')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
