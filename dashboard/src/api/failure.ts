import { Answered, Unreachable } from './client';

/** A failure as people read it: what happened, what is safe, what to do. */
export interface Failure {
  kind: 'offline' | 'signed-out' | 'missing' | 'refused' | 'failed';
  title: string;
  body: string;
}

/** The sentences for a failed request; `what` names the thing, as in "The board". */
export function describe(error: unknown, what: string): Failure {
  if (error instanceof Unreachable) {
    return {
      kind: 'offline',
      title: 'No answer from the server',
      body: `${what} could not be fetched. Readings are safe: the server and the loggers keep them. Check the network; this page tries again by itself.`,
    };
  }
  if (!(error instanceof Answered)) {
    return {
      kind: 'failed',
      title: 'This page made a mistake',
      body: `${what} could not be shown. Nothing was changed. Reload the page; if it comes back, tell your administrator.`,
    };
  }
  switch (error.status) {
    case 401:
      return { kind: 'signed-out', title: 'You are signed out', body: 'Sign in to go on.' };
    case 404:
      return {
        kind: 'missing',
        title: 'Not found',
        body: `${what} does not exist, or is not yours to see. Check the code, or ask your coordinator.`,
      };
    case 403:
    case 409:
    case 400:
    case 422:
      return { kind: 'refused', title: 'Not recorded', body: sentence(error.message) };
    case 429:
      return { kind: 'refused', title: 'Too many tries', body: sentence(error.message) };
    case 503:
      return {
        kind: 'failed',
        title: 'The server is busy',
        body: `${what} could not be fetched: ${sentence(error.message)} Readings are safe. This page tries again by itself.`,
      };
    default:
      return {
        kind: 'failed',
        title: 'The server could not answer',
        body: `${what} could not be fetched (${error.status}). Readings are safe. Try again in a moment; if it stays so, tell your administrator.`,
      };
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
