// The transcript of a learner's events, written a second time from the documented rules and sharing nothing with the ledger's own fold.
// Times are texts of one fixed form, so they compare as texts.

// The place in the fold is no part of a line.
const stamp = (e, place) => Object.defineProperty({ eventId: e.id, version: e.version, occurred: e.occurred, recorded: e.recorded, actor: e.actor }, 'place', { value: place });
const earlier = (a, b) => a.at.occurred < b.at.occurred || (a.at.occurred === b.at.occurred && a.at.place < b.at.place);
const bare = (line) => Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined && value !== null));

// Streams of one person: always that one goes on whose next event was recorded first, then the one of the lower id.
export function merge(streams) {
  const rest = streams.map((s) => [...s]), merged = [];
  const before = (a, b) => a.leaf.at < b.leaf.at || (a.leaf.at === b.leaf.at && a.leaf.s < b.leaf.s);
  while (rest.some((s) => s.length > 0)) merged.push(rest.filter((s) => s.length > 0).reduce((first, s) => before(s[0], first[0]) ? s : first).shift());
  return merged;
}
// Whose streams are folded with the learner's own, at the end of these events.
export function linked(own) {
  const now = new Set();
  for (const { type, data } of own) {
    if (type === 'learner.linked' && data.leads) now.add(data.other);
    if (type === 'learner.unlinked' && data.leads) now.delete(data.other);
  }
  return [...now].sort();
}

export function transcript(learner, events) {
  const attempts = [], voidings = new Map(), evidence = new Map(), early = new Map(), awards = [];

  // What no longer holds: doubts arise at the moment of breaking, for every award that rests on it and is not revoked.
  const ofEvidence = (item) => [item.at.eventId, ...item.reviews.map((r) => r.at.eventId)];
  const ofReviewer = (item, actor) => [item.at.eventId, ...item.reviews.filter((r) => r.at.actor === actor).map((r) => r.at.eventId)];
  const doubt = (award, basis, broken) => {
    if (award.status !== 'revoked' && basis.some((id) => broken.includes(id))) award.flagged = true;
  };
  const spread = (broken, except) => awards.filter((a) => a !== except).forEach((a) => doubt(a, a.basis, broken));
  const standing = (item) => item.reviews.filter((r, i) => !item.reviews.slice(i + 1).some((later) => later.at.actor === r.at.actor));
  const allBroken = () => [
    ...voidings.keys(),
    ...[...evidence.values()].filter((i) => i.withdrawn).flatMap(ofEvidence),
    ...[...evidence.values()].flatMap((i) => standing(i).filter((r) => r.decision === 'rejected').flatMap((r) => ofReviewer(i, r.at.actor))),
    ...awards.filter((a) => a.endedBy).flatMap((a) => a.grants.map((g) => g.at.eventId)),
  ];

  const award = {
    'award.flagged': (a) => a.status !== 'revoked' && Object.assign(a, { flagged: true }),
    'award.affirmed': (a) => ['awarded', 'suspended'].includes(a.status) && Object.assign(a, { flagged: false }),
    'award.suspended': (a, d, at) => a.status === 'awarded' && Object.assign(a, { status: 'suspended', endedBy: at.eventId, flagged: false }),
    'award.reinstated': (a) => a.status === 'suspended' && Object.assign(a, { status: 'awarded', endedBy: null }),
    'award.revoked': (a, d, at) => a.status !== 'revoked' && Object.assign(a, { status: 'revoked', endedBy: at.eventId, flagged: false }),
    'award.expired': (a, d, at) => ['awarded', 'suspended'].includes(a.status) && Object.assign(a, { status: 'expired', endedBy: at.eventId }),
    'award.renewed': (a, d, at) => ['awarded', 'expired'].includes(a.status) && Object.assign(a, {
      status: 'awarded', endedBy: null, expiresAt: d.expiresAt, grants: [...a.grants, { at }], basis: [...new Set([...a.basis, ...d.basis])],
    }),
  };

  for (const [place, e] of events.entries()) {
    const at = stamp(e, place), d = e.data;
    if (e.type === 'learner.unlinked' && d.leads && e.stream === learner) {
      const known = [...attempts.map((a) => a.at), ...[...evidence.values()].flatMap((i) => [i.at, ...i.reviews.map((r) => r.at)]), ...awards.flatMap((a) => a.grants.map((g) => g.at))].map((a) => a.eventId);
      spread(awards.flatMap((a) => a.basis).filter((id) => !known.includes(id)));
    } else if (e.type === 'skill.attempted') {
      attempts.push({ at, source: e.source, ...d });
    } else if (e.type === 'attempt.voided' && !voidings.has(d.attempt)) {
      voidings.set(d.attempt, { ...at, reason: d.reason });
      spread([d.attempt]);
    } else if (e.type === 'evidence.submitted' && !evidence.has(d.evidence)) {
      evidence.set(d.evidence, { at, ...d, reviews: [], withdrawn: early.get(d.evidence) });
      early.delete(d.evidence);
    } else if (e.type === 'evidence.reviewed' && evidence.has(d.evidence)) {
      const item = evidence.get(d.evidence), before = item.reviews.findLast((r) => r.at.actor === e.actor)?.decision;
      item.reviews.push({ at, decision: d.decision, rubric: d.rubric });
      if (d.decision === 'rejected' && before !== 'rejected') spread(ofReviewer(item, e.actor));
    } else if (e.type === 'evidence.withdrawn') {
      const item = evidence.get(d.evidence), withdrawn = { ...at, reason: d.reason };
      if (!item && !early.has(d.evidence)) early.set(d.evidence, withdrawn);
      if (item && !item.withdrawn) {
        item.withdrawn = withdrawn;
        spread(ofEvidence(item));
      }
    } else if (e.type === 'milestone.awarded' && !awards.some((a) => a.award === d.award)) {
      const made = { ...d, status: 'awarded', flagged: false, endedBy: null, grants: [{ at }], history: [] };
      made.history.push({ event: e.type, ...at, effectiveAt: d.effectiveAt, expiresAt: d.expiresAt });
      doubt(made, d.basis, allBroken());
      awards.push(made);
    } else if (award[e.type]) {
      const a = awards.find((one) => one.award === d.award), basis = a?.basis, ended = a?.endedBy, broken = allBroken();
      if (!a || !award[e.type](a, d, at)) continue;
      const step = { 'award.flagged': ['reason'], 'award.affirmed': ['reason'], 'award.expired': ['effectiveAt'] }[e.type] ?? ['reason', 'effectiveAt'];
      a.history.push({ event: e.type, ...at, ...Object.fromEntries(step.map((m) => [m, d[m]])), ...(e.type === 'award.renewed' ? { expiresAt: d.expiresAt } : {}) });
      if (e.type === 'award.renewed') doubt(a, d.basis.filter((id) => !basis.includes(id)), broken);
      if (a.endedBy && a.endedBy !== ended) spread(a.grants.map((g) => g.at.eventId), a);
    }
  }

  const places = new Map([
    ...awards.flatMap((a) => a.grants.map((g) => g.at)), ...[...evidence.values()].flatMap((i) => [i.at, ...i.reviews.map((r) => r.at)]), ...attempts.map((a) => a.at),
  ].map((at) => [at.eventId, at.version]));
  const milestones = awards.map((a) => bare({
    milestone: a.milestone, framework: a.framework, frameworkVersion: a.frameworkVersion, ruleHash: a.ruleHash, status: a.status, flagged: a.flagged,
    award: a.award, awardedAt: a.effectiveAt, expiresAt: a.expiresAt, decidedBy: a.grants[0].at.actor,
    basis: a.basis.map((eventId) => bare({ eventId, version: places.get(eventId) })), history: a.history.map(bare),
  }));

  const items = [...evidence.values()].sort((a, b) => a.at.place - b.at.place);
  const status = (i) => i.withdrawn ? 'withdrawn' : i.reviews.length === 0 ? 'submitted' : standing(i).some((r) => r.decision === 'rejected') ? 'rejected' : 'accepted';
  const evidenceLine = (i) => bare({
    evidence: i.evidence, eventId: i.at.eventId, version: i.at.version, status: status(i), mediaType: i.mediaType, size: i.size, sha256: i.sha256,
    milestone: i.milestone, withdrawn: i.withdrawn,
    reviews: i.reviews.map((r, n) => bare({
      eventId: r.at.eventId, version: r.at.version, actor: r.at.actor, decision: r.decision, rubric: r.rubric, occurred: r.at.occurred,
      replacedBy: i.reviews.slice(n + 1).find((later) => later.at.actor === r.at.actor)?.at.eventId,
    })),
  });
  const skills = [...new Set([...items.flatMap((i) => i.skills), ...attempts.map((a) => a.skill)])].sort().map((skill) => {
    const all = attempts.filter((a) => a.skill === skill), counting = all.filter((a) => !voidings.has(a.at.eventId));
    return bare({
      skill, attempts: all.length, voided: all.length - counting.length,
      best: counting.length ? Math.max(...counting.map((a) => a.score)) : null,
      latest: counting.reduce((last, a) => last && earlier(a, last) ? last : a, null)?.score,
      evidence: items.filter((i) => i.skills.includes(skill)).map(evidenceLine),
      events: all.map((a) => bare({ ...a.at, score: a.score, source: a.source, voided: voidings.get(a.at.eventId) })),
    });
  });
  return { milestones, skills };
}
