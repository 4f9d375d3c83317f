// Package auth hashes passwords, signs and checks tokens, limits attempts and
// finds the address a request came from.
//
// It knows neither users nor sessions: it is given text and bytes, and says
// yes or no. Nothing here reads the database or speaks HTTP.
package auth
