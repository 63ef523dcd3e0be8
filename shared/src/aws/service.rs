//! A service that answers what a test says, and tells what it heard.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Answers one request after the other, and then no more. Where it is, and in the end the
/// requests as they came.
pub(super) async fn answering<const N: usize>(
    answers: [(u16, &'static str); N],
) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            heard.push(request(&mut stream).await);
            let answer = format!(
                "HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        heard
    });
    (endpoint, heard)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut some = [0; 2048];
        let read = stream.read(&mut some).await.unwrap();
        assert_ne!(read, 0, "half a request");
        request.extend_from_slice(&some[..read]);
        let text = String::from_utf8(request.clone()).unwrap();
        if text.ends_with('}') {
            return text;
        }
    }
}
