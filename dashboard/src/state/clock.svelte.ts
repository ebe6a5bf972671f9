/** The present, once a second, for ages and times left. */
class Clock {
  nowMs = $state(Date.now());
  monoMs = $state(performance.now());
  /** The present minute and UTC day, for what need not be worked out anew each second. */
  minuteMs = $derived(this.nowMs - (this.nowMs % 60_000));
  dayMs = $derived(this.nowMs - (this.nowMs % 86_400_000));

  start(): void {
    const tick = (): void => {
      this.nowMs = Date.now();
      this.monoMs = performance.now();
    };
    setInterval(tick, 1000);
    // A laptop that was closed must not show the age it had when it went to sleep.
    document.addEventListener('visibilitychange', tick);
  }
}

export const clock = new Clock();
