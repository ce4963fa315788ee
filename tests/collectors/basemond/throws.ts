/** A collector that cannot run here. */
throw new Error("it cannot run here");
