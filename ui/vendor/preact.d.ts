// What we use of preact.js, described by ourselves and narrower than the
// library's own types: unknown attributes and handlers are errors.

export class Signal<T = any> {
	constructor(value?: T);
	value: T;
	peek(): T;
	subscribe(fn: (value: T) => void): () => void;
}
export interface ReadonlySignal<T = any> {
	readonly value: T;
	peek(): T;
	subscribe(fn: (value: T) => void): () => void;
}
export function signal<T>(value: T): Signal<T>;
export function signal<T = undefined>(): Signal<T | undefined>;
export function computed<T>(fn: () => T): ReadonlySignal<T>;
export function effect(fn: () => void | (() => void)): () => void;
export function batch<T>(fn: () => T): T;
export function untracked<T>(fn: () => T): T;
export function useSignal<T>(value: T): Signal<T>;

export interface VNode<P = any> {
	type: any;
	props: P;
	key: any;
}
export type Child =
	| VNode
	| string
	| number
	| boolean
	| null
	| undefined
	| ReadonlySignal<string | number | null | undefined>
	| readonly Child[];
export type Component<P> = (props: P) => Child;
export interface Ref<T> {
	current: T;
}

export function h<P extends {}>(type: Component<P>, props: (P & {key?: string | number}) | null, ...children: Child[]): VNode<P>;
export function h(type: string, props: Attributes | null, ...children: Child[]): VNode;
export const Fragment: Component<{children?: Child}>;
export function render(node: Child, into: Element): void;
export interface Context<T> {
	Provider: Component<{value: T; children?: Child}>;
}
export function createContext<T>(value: T): Context<T>;

export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useState<T = undefined>(): [T | undefined, (next: T | undefined | ((old: T | undefined) => T | undefined)) => void];
export function useEffect(fn: () => void | (() => void), deps?: readonly unknown[]): void;
export function useRef<T>(initial: T): Ref<T>;
export function useRef<T>(initial: null): Ref<T | null>;
export function useMemo<T>(fn: () => T, deps: readonly unknown[]): T;
export function useCallback<F extends (...args: any[]) => any>(fn: F, deps: readonly unknown[]): F;
export function useContext<T>(context: Context<T>): T;
export function useId(): string;
export function useErrorBoundary(fn?: (error: any) => void): [any, () => void];

type V<T> = T | ReadonlySignal<T> | undefined;
type On<E extends Event, T> = (event: E & {currentTarget: T}) => void;

interface Handlers<T> {
	onClick?: On<MouseEvent, T>;
	onDblClick?: On<MouseEvent, T>;
	onContextMenu?: On<MouseEvent, T>;
	onMouseMove?: On<MouseEvent, T>;
	onMouseEnter?: On<MouseEvent, T>;
	onMouseLeave?: On<MouseEvent, T>;
	onMouseDown?: On<MouseEvent, T>;
	onPointerDown?: On<PointerEvent, T>;
	onPointerMove?: On<PointerEvent, T>;
	onPointerUp?: On<PointerEvent, T>;
	onPointerEnter?: On<PointerEvent, T>;
	onPointerLeave?: On<PointerEvent, T>;
	onPointerCancel?: On<PointerEvent, T>;
	onLostPointerCapture?: On<PointerEvent, T>;
	onTouchStart?: On<TouchEvent, T>;
	onTouchMove?: On<TouchEvent, T>;
	onTouchEnd?: On<TouchEvent, T>;
	onWheel?: On<WheelEvent, T>;
	onKeyDown?: On<KeyboardEvent, T>;
	onKeyUp?: On<KeyboardEvent, T>;
	onFocus?: On<FocusEvent, T>;
	onBlur?: On<FocusEvent, T>;
	onFocusIn?: On<FocusEvent, T>;
	onFocusOut?: On<FocusEvent, T>;
	onInput?: On<InputEvent, T>;
	onBeforeInput?: On<InputEvent, T>;
	onChange?: On<Event, T>;
	onInvalid?: On<Event, T>;
	onSubmit?: On<SubmitEvent, T>;
	onReset?: On<Event, T>;
	onPaste?: On<ClipboardEvent, T>;
	onCopy?: On<ClipboardEvent, T>;
	onDragEnter?: On<DragEvent, T>;
	onDragOver?: On<DragEvent, T>;
	onDragLeave?: On<DragEvent, T>;
	onDrop?: On<DragEvent, T>;
	onLoad?: On<Event, T>;
	onError?: On<Event, T>;
	onScroll?: On<Event, T>;
	onToggle?: On<Event, T>;
	onClose?: On<Event, T>;
	onCancel?: On<Event, T>;
	onTransitionEnd?: On<TransitionEvent, T>;
	onAnimationEnd?: On<AnimationEvent, T>;
}

interface Aria {
	role?: V<string>;
	'aria-activedescendant'?: V<string>;
	'aria-atomic'?: V<boolean | 'true' | 'false'>;
	'aria-busy'?: V<boolean | 'true' | 'false'>;
	'aria-checked'?: V<boolean | 'true' | 'false' | 'mixed'>;
	'aria-controls'?: V<string>;
	'aria-current'?: V<boolean | 'page' | 'true' | 'false' | 'location' | 'step'>;
	'aria-describedby'?: V<string>;
	'aria-disabled'?: V<boolean | 'true' | 'false'>;
	'aria-errormessage'?: V<string>;
	'aria-expanded'?: V<boolean | 'true' | 'false'>;
	'aria-haspopup'?: V<'menu' | 'dialog' | 'listbox' | 'true'>;
	'aria-hidden'?: V<boolean | 'true' | 'false'>;
	'aria-invalid'?: V<boolean | 'true' | 'false'>;
	'aria-keyshortcuts'?: V<string>;
	'aria-label'?: V<string>;
	'aria-labelledby'?: V<string>;
	'aria-live'?: V<'off' | 'polite' | 'assertive'>;
	'aria-modal'?: V<boolean | 'true' | 'false'>;
	'aria-orientation'?: V<'horizontal' | 'vertical'>;
	'aria-pressed'?: V<boolean | 'true' | 'false' | 'mixed'>;
	'aria-readonly'?: V<boolean | 'true' | 'false'>;
	'aria-required'?: V<boolean | 'true' | 'false'>;
	'aria-roledescription'?: V<string>;
	'aria-selected'?: V<boolean | 'true' | 'false'>;
	'aria-valuemax'?: V<number | string>;
	'aria-valuemin'?: V<number | string>;
	'aria-valuenow'?: V<number | string>;
	'aria-valuetext'?: V<string>;
}

interface Common<T> extends Handlers<T>, Aria {
	key?: string | number;
	ref?: Ref<T | null> | ((element: T | null) => void);
	id?: V<string>;
	class?: V<string>;
	style?: V<Record<string, string | number | undefined>>;
	title?: V<string>;
	lang?: V<string>;
	dir?: V<'ltr' | 'rtl' | 'auto'>;
	hidden?: V<boolean>;
	inert?: V<boolean>;
	tabIndex?: V<number>;
	autofocus?: boolean;
	draggable?: V<boolean>;
	spellcheck?: V<boolean>;
	translate?: 'yes' | 'no';
	popover?: 'auto' | 'manual' | 'hint';
	[data: `data-${string}`]: V<string | number | boolean>;
}

interface Link {
	href?: V<string>;
	target?: '_blank' | '_self';
	rel?: string;
	download?: string | boolean;
	hreflang?: string;
	type?: string;
}
interface Field {
	name?: string;
	value?: V<string | number>;
	defaultValue?: string | number;
	disabled?: V<boolean>;
	required?: boolean;
	readOnly?: V<boolean>;
	autocomplete?: string;
	placeholder?: V<string>;
	maxLength?: number;
	minLength?: number;
	form?: string;
	enterkeyhint?: 'enter' | 'done' | 'go' | 'next' | 'search' | 'send';
	autocapitalize?: 'off' | 'none' | 'sentences' | 'words';
}
interface Media {
	src?: V<string>;
	preload?: 'none' | 'metadata' | 'auto';
	controls?: boolean;
	crossOrigin?: 'anonymous' | 'use-credentials';
}

interface Shape {
	xmlns?: string;
	viewBox?: string;
	preserveAspectRatio?: string;
	focusable?: 'false';
	width?: V<number | string>;
	height?: V<number | string>;
	x?: V<number | string>;
	y?: V<number | string>;
	x1?: V<number | string>;
	y1?: V<number | string>;
	x2?: V<number | string>;
	y2?: V<number | string>;
	cx?: V<number | string>;
	cy?: V<number | string>;
	r?: V<number | string>;
	rx?: V<number | string>;
	ry?: V<number | string>;
	d?: V<string>;
	points?: V<string>;
	transform?: V<string>;
	fill?: V<string>;
	stroke?: V<string>;
	opacity?: V<number | string>;
	href?: V<string>;
	offset?: V<number | string>;
	gradientUnits?: string;
	gradientTransform?: string;
	'fill-opacity'?: V<number | string>;
	'fill-rule'?: 'evenodd' | 'nonzero';
	'stroke-width'?: V<number | string>;
	'stroke-linecap'?: 'round' | 'butt' | 'square';
	'stroke-linejoin'?: 'round' | 'bevel' | 'miter';
	'stroke-dasharray'?: V<string>;
	'stroke-dashoffset'?: V<number | string>;
	'stop-color'?: V<string>;
	'stop-opacity'?: V<number | string>;
	'clip-path'?: string;
	'text-anchor'?: 'start' | 'middle' | 'end';
}

interface Special {
	a: Link;
	audio: Media;
	button: {
		type?: 'button' | 'submit' | 'reset';
		disabled?: V<boolean>;
		name?: string;
		value?: string;
		form?: string;
		popovertarget?: string;
	};
	canvas: {width?: V<number>; height?: V<number>};
	data: {value?: string};
	details: {open?: V<boolean>; name?: string};
	dialog: {open?: boolean};
	fieldset: {disabled?: V<boolean>; name?: string};
	form: {action?: string; method?: 'get' | 'post' | 'dialog'; noValidate?: boolean; autocomplete?: string; name?: string};
	iframe: {src?: V<string>; height?: V<string>; loading?: 'lazy' | 'eager'};
	img: {
		src?: V<string>;
		srcset?: V<string>;
		sizes?: string;
		alt: V<string>;
		width?: number;
		height?: number;
		loading?: 'lazy' | 'eager';
		decoding?: 'async' | 'sync' | 'auto';
		fetchpriority?: 'high' | 'low' | 'auto';
	};
	input: Field & {
		type?:
			| 'text' | 'email' | 'password' | 'number' | 'range' | 'checkbox' | 'radio' | 'datetime-local'
			| 'file' | 'search' | 'hidden' | 'url' | 'tel';
		checked?: V<boolean>;
		defaultChecked?: boolean;
		min?: V<number | string>;
		max?: V<number | string>;
		step?: V<number | string>;
		accept?: string;
		multiple?: boolean;
		pattern?: string;
		inputmode?: 'text' | 'numeric' | 'decimal' | 'email' | 'search' | 'none' | 'url' | 'tel';
		list?: string;
		size?: number;
	};
	label: {for?: string; htmlFor?: string};
	meter: {value?: V<number>; min?: number; max?: V<number>; low?: number; high?: number; optimum?: number};
	ol: {start?: number; reversed?: boolean};
	optgroup: {label?: string; disabled?: boolean};
	option: {value?: string | number; selected?: boolean; disabled?: boolean; label?: string};
	output: {for?: string; htmlFor?: string; name?: string};
	progress: {value?: V<number>; max?: V<number>};
	script: never;
	select: Field & {multiple?: boolean; size?: number};
	source: {src?: string; type?: string};
	style: never;
	td: {colSpan?: number; rowSpan?: number};
	textarea: Field & {rows?: number; cols?: number; wrap?: 'soft' | 'hard' | 'off'};
	th: {colSpan?: number; rowSpan?: number; scope?: 'col' | 'row'};
	time: {datetime?: V<string>; dateTime?: V<string>};
}

type HTML = HTMLElementTagNameMap;
type SVG = Omit<SVGElementTagNameMap, keyof HTML>;
type Own<K> = K extends keyof Special ? Special[K] : {};

/** The attributes of one element. */
export type AttributesOf<K extends keyof HTML | keyof SVG> = K extends keyof HTML
	? Common<HTML[K]> & Own<K>
	: K extends keyof SVG ? Common<SVG[K]> & Shape : never;
type Attributes = Common<any> & Record<string, any>;

type Maker<P> = {
	(props: P | null, ...children: Child[]): VNode<P>;
	(...children: Child[]): VNode<P>;
};
/** One function for each element: tags.div(attributes?, ...children). */
export type Tags = {[K in keyof HTML]: Maker<AttributesOf<K>>} & {[K in keyof SVG]: Maker<AttributesOf<K>>};
