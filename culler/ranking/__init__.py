"""Pure judgement over stored numbers: order, filters, bursts, pairwise truth, suggestions."""
