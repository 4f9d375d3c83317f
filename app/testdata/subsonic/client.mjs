// Goes through a house as a program with subsonic-api does, and tells what it
// found as one line of JSON:
//
//	node client.mjs FOLDER-OF-MODULES URL USERNAME SECRET WAY
//
// The way is "get" or "post" for a token, and "key" for an API key by GET.
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [modules, url, username, secret, way] = process.argv.slice(2);
const {SubsonicAPI} = await import(pathToFileURL(join(modules, 'node_modules/subsonic-api/lib/index.js')).href);
const auth = way === 'key' ? {apiKey: secret} : {username, password: secret};
const api = new SubsonicAPI({url, auth, post: way === 'post'});

const ping = await api.ping();
const {openSubsonicExtensions} = await api.getOpenSubsonicExtensions();
const {artists} = await api.getArtists();
const artist = artists.index[0].artist[0];
const {artist: {album: albums}} = await api.getArtist({id: artist.id});
const {album} = await api.getAlbum({id: albums.find((one) => one.id.startsWith('al-')).id});
const {searchResult3: all} = await api.search3({query: ''});
const {searchResult3: found} = await api.search3({query: album.song[0].title});
const {albumList2} = await api.getAlbumList2({type: 'newest'});
const {genres} = await api.getGenres();
const sha = async (answer) => {
	const bytes = Buffer.from(await answer.arrayBuffer());
	return createHash('sha256').update(bytes).digest('hex');
};
// What it leaves behind: a star, a rating, a listen, a playlist, a queue.
const song = album.song[0].id;
await api.star({id: song, albumId: album.id, artistId: artist.id});
await api.setRating({id: song, rating: 4});
await api.scrobble({id: song, submission: false});
const {nowPlaying} = await api.getNowPlaying();
await api.scrobble({id: song, submission: true, time: Date.now()});
const {starred2} = await api.getStarred2();
const {playlist: made} = await api.createPlaylist({name: `By ${way}`, songId: all.song.map((one) => one.id)});
await api.updatePlaylist({playlistId: made.id, comment: 'late', songIndexToRemove: [0]});
const {playlist} = await api.getPlaylist({id: made.id});
await api.deletePlaylist({id: made.id});
await api.savePlayQueue({id: all.song.map((one) => one.id), current: song, position: 700});
const {playQueue} = await api.getPlayQueue();
console.log(JSON.stringify({
	starred: starred2.song.length + starred2.album.length + starred2.artist.length, rating: (await api.getSong({id: song})).song.userRating,
	now: nowPlaying.entry.map((one) => one.title), playlist: `${made.entry.length} ${playlist.entry.length} ${playlist.comment}`,
	queue: `${playQueue.entry.length} ${playQueue.current === song} ${playQueue.position}`,
	status: ping.status, type: ping.type, extensions: openSubsonicExtensions.map((one) => one.name),
	artist: artist.name, albums: albums.map((one) => one.name), songs: album.song.map((one) => one.title),
	all: all.song.length, found: found.song[0].title, newest: albumList2.album.length, genres: genres.genre.map((one) => one.value),
	created: album.song[0].created, sound: await sha(await api.stream({id: album.song[0].id})),
	cover: (await api.getCoverArt({id: album.coverArt, size: 300})).headers.get('content-type'),
}));
