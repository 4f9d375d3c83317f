#!/bin/sh
# Makes the sound files in this folder anew: two and a half seconds of a tone,
# in every format but mp3 and WAV, which the tests build themselves, and a tenth
# of a second in formats that are refused. Their bytes differ from version to
# version of the encoders; the tests ask for their sound.
set -eu
cd "$(dirname "$0")"
make() {
	length=$1
	shift
	ffmpeg -y -v error -f lavfi -i "sine=frequency=440:sample_rate=44100:duration=$length" -ac 1 \
		-metadata title=Tone -metadata artist=Earshot "$@"
}
make 2.5 -c:a flac -sample_fmt s16 tone.flac
make 2.5 -c:a libvorbis -q:a 0 tone.ogg
make 2.5 -c:a libopus -b:a 24k -ar 48000 tone.opus
make 2.5 -c:a aac -b:a 48k tone.m4a
make 2.5 -c:a flac -f ogg tone-flac.ogg
make 0.1 -c:a alac alac.m4a
make 0.1 -c:a adpcm_ima_wav adpcm.wav
make 0.1 -c:a pcm_s16be tone.aiff
make 0.1 -c:a wmav2 tone.wma
