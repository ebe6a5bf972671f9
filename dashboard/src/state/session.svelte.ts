import { Answered, fetchSession, signIn, signOut } from '../api/client';
import { describe, type Failure } from '../api/failure';
import type { Session } from '../api/types';
import { router, safeNext } from './router.svelte';

/** Who is signed in. `asked` turns true once the server has said. */
class SessionState {
  user = $state.raw<Session | null>(null);
  asked = $state(false);
  failure = $state.raw<Failure | null>(null);

  async ask(): Promise<void> {
    try {
      this.user = await fetchSession();
      this.asked = true;
      this.failure = null;
      if (router.route.page === 'sign-in') this.enter();
    } catch (error) {
      if (error instanceof Answered && error.status === 401) this.expired();
      else this.failure = describe(error, 'Your sign-in');
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    this.user = await signIn(username, password);
    this.asked = true;
    this.enter();
  }

  async signOut(): Promise<void> {
    await signOut();
    this.user = null;
    router.go('/sign-in');
  }

  /** The server no longer knows us: to the sign-in page, and back afterwards. */
  expired(): void {
    this.user = null;
    this.asked = true;
    this.failure = null;
    if (router.route.page === 'sign-in') return;
    const here = router.path + router.search;
    router.go(here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`, true);
  }

  private enter(): void {
    router.go(safeNext(router.param('next')), true);
  }
}

export const session = new SessionState();

/** Runs a request; a 401 leads to the sign-in page whatever was asked for. */
export async function asked<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Answered && error.status === 401) session.expired();
    throw error;
  }
}
