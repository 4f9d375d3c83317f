export {h, Fragment, render, createContext} from 'preact';
export {useState, useEffect, useRef, useMemo, useCallback, useContext, useId, useErrorBoundary} from 'preact/hooks';
export {signal, computed, effect, batch, untracked, Signal, useSignal} from '@preact/signals';
