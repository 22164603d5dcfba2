import type { Timeline } from './timeline.ts';

/** What a person does to the picture. It takes the wheel only while it has the focus, or the page could not be scrolled. */
export function control(
  timeline: Timeline,
  hover: (row: number, x: number, y: number) => void,
  next: (by: number) => void,
): void {
  const { canvas } = timeline;
  canvas.addEventListener('wheel', (event) => wheel(timeline, event), { passive: false });
  canvas.addEventListener('keydown', (event) => {
    if (key(timeline, event.key, next)) event.preventDefault();
  });
  canvas.addEventListener('dblclick', () => timeline.fly(0, timeline.run.lasts));
  drag(timeline, hover);
}

function wheel(timeline: Timeline, event: WheelEvent): void {
  const { canvas, place } = timeline;
  if (document.activeElement !== canvas && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const { x, y } = point(canvas, event);
  const wide = timeline.to - timeline.from;
  if (event.shiftKey || (x < place.gutter && y > place.lanes))
    return timeline.scrollTo(place.scroll + event.deltaY);
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
    return timeline.pan((event.deltaX / canvas.clientWidth) * wide);
  timeline.zoom(Math.exp(event.deltaY * 0.0022), timeline.timeAt(x));
}

/** Whether the key meant something. */
function key(timeline: Timeline, pressed: string, next: (by: number) => void): boolean {
  const wide = timeline.to - timeline.from;
  const middle = timeline.middle();
  const lane = timeline.place.laneHeight * 3;
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => timeline.pan(-wide * 0.15),
    ArrowRight: () => timeline.pan(wide * 0.15),
    ArrowUp: () => timeline.scrollTo(timeline.place.scroll - lane),
    ArrowDown: () => timeline.scrollTo(timeline.place.scroll + lane),
    '+': () => timeline.zoom(0.7, middle),
    '=': () => timeline.zoom(0.7, middle),
    '-': () => timeline.zoom(1.4, middle),
    '0': () => timeline.fly(0, timeline.run.lasts),
    n: () => next(1),
    p: () => next(-1),
    f: () => timeline.unfocus(),
    l: () => timeline.fold(!timeline.folded),
    m: () => timeline.showLetters(!timeline.letters),
    '/': () => document.querySelector<HTMLInputElement>('#explorer-filter')?.focus(),
    r: () => timeline.mark(),
    Escape: () => {
      timeline.select(-1);
      timeline.measure();
    },
  };
  const action = actions[pressed];
  action?.();
  return action !== undefined;
}

function drag(timeline: Timeline, hover: (row: number, x: number, y: number) => void): void {
  const { canvas } = timeline;
  let start:
    | { x: number; from: number; to: number; moved: number; minimap: boolean; measures: boolean }
    | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    const { x, y } = point(canvas, event);
    canvas.setPointerCapture(event.pointerId);
    start = {
      x,
      from: timeline.from,
      to: timeline.to,
      moved: 0,
      minimap: y >= timeline.place.minimap,
      measures: event.shiftKey,
    };
    if (start.minimap) centre(timeline, x);
  });
  canvas.addEventListener('pointermove', (event) => {
    const { x, y } = point(canvas, event);
    if (start === undefined) return hover(timeline.pick(x, y), x, y);
    start.moved += Math.abs(event.movementX) + Math.abs(event.movementY);
    if (start.minimap) return centre(timeline, x);
    if (start.measures) return timeline.measure(timeline.timeAt(start.x), timeline.timeAt(x));
    const by = ((start.x - x) / (canvas.clientWidth - timeline.place.gutter)) * (start.to - start.from);
    timeline.show(start.from + by, start.to + by);
  });
  canvas.addEventListener('pointerup', (event) => {
    const { x, y } = point(canvas, event);
    if (start !== undefined && start.moved < 5 && !start.minimap) timeline.select(timeline.pick(x, y));
    start = undefined;
  });
  canvas.addEventListener('pointerleave', () => hover(-1, 0, 0));
}

function centre(timeline: Timeline, x: number): void {
  const { place, canvas, run } = timeline;
  const time = ((x - place.gutter) / (canvas.clientWidth - place.gutter)) * run.lasts;
  const half = (timeline.to - timeline.from) / 2;
  timeline.show(time - half, time + half);
}

function point(canvas: HTMLCanvasElement, event: MouseEvent): { x: number; y: number } {
  const { left, top } = canvas.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}
