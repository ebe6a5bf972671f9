import { fetchCustody, fetchParties, fetchSites } from './requests';
import type { Names } from './words';

/** Names that are as good as the ids: what is shown until the real ones are known. */
export const BARE: Names = { party: (id) => id, place: (gln) => gln, steps: [] };

/** The names of parties and places, and the questions of an order's therapy. */
export async function namesFor(order: string | null): Promise<Names> {
  const [parties, sites, custody] = await Promise.all([
    fetchParties(),
    fetchSites(),
    order === null ? null : fetchCustody(order),
  ]);
  const partyNames = new Map(parties.map(({ id, name }) => [id, name]));
  const siteNames = new Map(sites.map(({ gln, name }) => [gln, name]));
  return {
    party: (id) => partyNames.get(id) ?? id,
    place: (gln) => siteNames.get(gln) ?? gln,
    steps: custody?.steps ?? [],
  };
}
