import { fetchEntries } from '../api/client';
import type { Sent } from './sending';
import { missingWords } from './words';

/** What became of something signed, as a sentence and what it means. */
export async function outcomeWords(sent: Sent, shipment: string): Promise<{ title: string; body: string }> {
  if (sent.state === 'unsent') {
    return {
      title: 'Signed, not sent yet',
      body: 'The server did not answer. What you signed is kept on this device and sent when it is back.',
    };
  }
  if (sent.state === 'awaiting') {
    return {
      title: missingWords(sent.missing),
      body: 'You have signed. It counts once the other person has signed too, under My key.',
    };
  }
  if (sent.conflict_with === null) return { title: `Recorded as entry ${sent.index}`, body: '' };
  const entries = await fetchEntries(shipment).catch(() => []);
  const other = entries.find((one) => one.entry_hash === sent.conflict_with);
  return {
    title: `Recorded in conflict with entry ${other?.index ?? sent.conflict_with.slice(0, 16)}`,
    body: `${other?.sentence ?? ''} Yours stands as entry ${sent.index}, changes nothing, and somebody is told to look at both.`,
  };
}
