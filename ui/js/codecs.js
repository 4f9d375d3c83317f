// What kinds of sound are called.

/** @type {Record<import('./wire.d.ts').Audio['codec'], string>} */
export const codecs = {mp3: 'MP3', wav: 'WAV', flac: 'FLAC', vorbis: 'Ogg Vorbis', opus: 'Opus', aac: 'AAC'};
