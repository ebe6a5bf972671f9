/** What the person is looking at: one selection for the list, the map and the table. */
class Selection {
  shipment = $state<string | null>(null);
  alert = $state<string | null>(null);

  pickShipment(code: string | null): void {
    this.shipment = code;
    this.alert = null;
  }

  pickAlert(id: string, code: string): void {
    this.alert = id;
    this.shipment = code;
  }
}

export const selection = new Selection();
