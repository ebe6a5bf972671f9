/** The present, once a second, for ages and times left. */
class Clock {
  nowMs = $state(Date.now());
  monoMs = $state(performance.now());

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
